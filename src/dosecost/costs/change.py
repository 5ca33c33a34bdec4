"""What a change costs once the programme runs: comparability, transfer, lots to qualify it, filing, stock, months."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, maximum, total
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
    transfer_price: Number = quantity("money")
    transfer_months: Number = quantity("months", at_most=60)
    engineering_runs: Number = quantity("runs", at_most=100)
    validation_lots: Number = quantity("lots", at_most=100)
    parallel_stock_months: Number = quantity("months", at_most=60)
    method_validation_months: Number = quantity("months", at_most=60)
    record_validation_price: Number = quantity("money")
    record_validation_months: Number = quantity("months", at_most=60)
    filings: Mapping[str, FilingInputs] = table(FilingInputs)


class ChangeCost(NamedTuple):
    """Months from the decision until the changed plant takes over, and money of the change by part."""

    months: Number
    comparability: Number = NOTHING
    transfer: Number = NOTHING
    engineering: Number = NOTHING
    validation: Number = NOTHING
    training: Number = NOTHING
    filing: Number = NOTHING
    stock: Number = NOTHING

    @property
    def price(self) -> Number:
        """Money over all parts."""
        return total(self[1:])


class Sites(NamedTuple):
    """Where a change is made: on how many sites, and whether its process is ``transferred`` from another laboratory or
    site at the sponsor's cost."""

    number: Number
    transferred: bool


def process_change(
    regulatory: Regulatory, sites: Sites, cost_per_lot: Number, stock_per_month: Number, build_months: Number
) -> ChangeCost:
    """A changed process: comparability, and technology transfer where there is any, while the plant is built; then the
    filing.

    ``cost_per_lot`` is what a lot of the new process costs, ``stock_per_month`` what a month of the old one's
    materials and vector costs, which are kept in parallel until the new one is allowed. Every site takes its own
    transfer, engineering runs and validation lots.
    """
    filing = regulatory.filings["process"]
    return ChangeCost(
        months=maximum(_shown(regulatory, sites), build_months) + filing.months,
        comparability=regulatory.comparability_price,
        transfer=sites.number * regulatory.transfer_price if sites.transferred else NOTHING,
        engineering=sites.number * regulatory.engineering_runs * cost_per_lot,
        validation=sites.number * regulatory.validation_lots * cost_per_lot,
        filing=filing.price,
        stock=regulatory.parallel_stock_months * stock_per_month,
    )


def site_change(
    regulatory: Regulatory, sites: Sites, cost_per_lot: Number, build_months: Number, training: Number
) -> ChangeCost:
    """The same process on another site: transferred to it and shown to be comparable, then filed, while the site is
    built, qualified and licensed. ``training`` is paid to its team before its first lot."""
    filing = regulatory.filings["process"]
    return ChangeCost(
        months=maximum(_shown(regulatory, sites) + filing.months, build_months),
        comparability=regulatory.comparability_price,
        transfer=regulatory.transfer_price if sites.transferred else NOTHING,
        engineering=regulatory.engineering_runs * cost_per_lot,
        validation=regulatory.validation_lots * cost_per_lot,
        training=training,
        filing=filing.price,
    )


def _shown(regulatory: Regulatory, sites: Sites) -> Number:
    """Months of comparability and, at the same time, of the transfer."""
    if not sites.transferred:
        return regulatory.comparability_months
    return maximum(regulatory.comparability_months, regulatory.transfer_months)


def method_change(regulatory: Regulatory, validation_price: Number) -> ChangeCost:
    """Another test by supplement: validated and filed, nothing to show in patients."""
    filing = regulatory.filings["method"]
    return ChangeCost(
        months=regulatory.method_validation_months + filing.months,
        validation=validation_price,
        filing=filing.price,
    )


def capacity_change(lead_months: Number) -> ChangeCost:
    """More devices or suites for the same process on the same site: nothing to show or file, in use once they are
    there."""
    return ChangeCost(months=lead_months)


def record_change(regulatory: Regulatory) -> ChangeCost:
    """The electronic record by supplement: the system validated, and filed."""
    filing = regulatory.filings["record"]
    return ChangeCost(
        months=regulatory.record_validation_months + filing.months,
        validation=regulatory.record_validation_price,
        filing=filing.price,
    )
