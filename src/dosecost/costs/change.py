"""What a change costs once the programme runs: comparability, lots to qualify it, validation, filing, stock, months."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, maximum
from dosecost.fields import quantity, table

NOTHING = 0.0


@dataclass(frozen=True, slots=True)
class FilingInputs:
    """Telling the authority: what the paper costs, and the months until the change may be used."""

    price: Number = quantity("money")
    months: Number = quantity("months", at_most=60)


@dataclass(frozen=True, slots=True)
class Regulatory:
    """What has to be shown before a changed process or method may be used; early or late by stage of development."""

    comparability_price: Number = quantity("money")
    comparability_months: Number = quantity("months", at_most=60)
    engineering_runs: Number = quantity("runs", at_most=100)
    validation_lots: Number = quantity("lots", at_most=100)
    parallel_stock_months: Number = quantity("months", at_most=60)
    method_validation_months: Number = quantity("months", at_most=60)
    record_validation_price: Number = quantity("money")
    record_validation_months: Number = quantity("months", at_most=60)
    filings: Mapping[str, FilingInputs] = table(FilingInputs)


class ChangeCost(NamedTuple):
    """Money of a change by part, and the months from the decision until the changed plant takes over."""

    comparability: Number
    engineering: Number
    validation: Number
    filing: Number
    stock: Number
    months: Number

    @property
    def price(self) -> Number:
        """Money over all parts."""
        return self.comparability + self.engineering + self.validation + self.filing + self.stock


def process_change(
    regulatory: Regulatory, cost_per_lot: Number, stock_per_month: Number, build_months: Number
) -> ChangeCost:
    """A changed process: comparability while the plant is built, then the filing.

    ``cost_per_lot`` is what a lot of the new process costs, ``stock_per_month`` what a month of the old one's
    materials and vector costs, which are kept in parallel until the new one is allowed.
    """
    filing = regulatory.filings["process"]
    return ChangeCost(
        comparability=regulatory.comparability_price,
        engineering=regulatory.engineering_runs * cost_per_lot,
        validation=regulatory.validation_lots * cost_per_lot,
        filing=filing.price,
        stock=regulatory.parallel_stock_months * stock_per_month,
        months=maximum(regulatory.comparability_months, build_months) + filing.months,
    )


def method_change(regulatory: Regulatory, validation_price: Number) -> ChangeCost:
    """Another test by supplement: validated and filed, nothing to show in patients."""
    filing = regulatory.filings["method"]
    return ChangeCost(
        comparability=NOTHING,
        engineering=NOTHING,
        validation=validation_price,
        filing=filing.price,
        stock=NOTHING,
        months=regulatory.method_validation_months + filing.months,
    )


def capacity_change(lead_months: Number) -> ChangeCost:
    """More devices or suites for the same process on the same site: nothing to show or file, in use once they are
    there."""
    return ChangeCost(
        comparability=NOTHING,
        engineering=NOTHING,
        validation=NOTHING,
        filing=NOTHING,
        stock=NOTHING,
        months=lead_months,
    )


def record_change(regulatory: Regulatory) -> ChangeCost:
    """The electronic record by supplement: the system validated, and filed."""
    filing = regulatory.filings["record"]
    return ChangeCost(
        comparability=NOTHING,
        engineering=NOTHING,
        validation=regulatory.record_validation_price,
        filing=filing.price,
        stock=NOTHING,
        months=regulatory.record_validation_months + filing.months,
    )
