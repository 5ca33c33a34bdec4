"""Rows of ``data/inputs``: every broken rule is refused with file, row and rule."""

import csv
import shutil
from pathlib import Path

import pytest

from dosecost import inputs, recipes
from dosecost.errors import InputError
from dosecost.finance import price_basis_factor

HEADER = ",".join(inputs.COLUMNS)
GOOD = "site_overhead,all,,Site overhead,fraction,0.1,0.2,0.35,n/a,D,low,engineering judgement,"


def write(folder: Path, *rows: str, name: str = "overhead.csv", header: str = HEADER) -> Path:
    (folder / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def test_a_good_row_is_read(tmp_path: Path) -> None:
    row = inputs.load(write(tmp_path, GOOD)).rows[0]
    assert (row.name, row.low, row.base, row.high, row.grade) == ("overhead.site_overhead", 0.1, 0.2, 0.35, "D")


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (GOOD.replace("site_overhead", "no_such_key"), "no input of that name"),
        (GOOD.replace("0.1,0.2,0.35", "0.3,0.2,0.35"), "not in order"),
        (GOOD.replace("0.1,0.2,0.35", "0.1,0.4,0.35"), "not in order"),
        (GOOD.replace("0.1,0.2,0.35", "-0.1,0.2,0.35"), "leaves 0 to 3"),
        (GOOD.replace("0.1,0.2,0.35", "0.1,0.2,7"), "leaves 0 to 3"),
        (GOOD.replace("0.2", "two"), "is not a number"),
        (GOOD.replace("0.35", "inf"), "is not finite"),
        (GOOD.replace("0.2", "nan"), "is not finite"),
        (GOOD.replace("fraction", "percent"), "unit 'percent' is not 'fraction'"),
        (GOOD.replace(",D,", ",E,"), "grade 'E'"),
        (GOOD.replace("engineering judgement", ""), "source is empty"),
        (GOOD.replace("n/a", "CHF 2020"), "price basis"),
        (GOOD.replace("n/a", "USD"), "price basis"),
        (GOOD.replace("all,,", "all,mood=good,"), "names no choice"),
        (GOOD.replace("all,,", "all,setting=lunar,"), "names no choice"),
        (GOOD + ",one,too,many", "wrong number of columns"),
    ],
)
def test_a_bad_row_is_refused_by_name(tmp_path: Path, row: str, rule: str) -> None:
    with pytest.raises(InputError, match=rule) as caught:
        inputs.load(write(tmp_path, row))
    assert "overhead.csv line 2" in str(caught.value)


def test_an_unknown_file_and_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no area of that name"):
        inputs.load(write(tmp_path, GOOD, name="weather.csv"))
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(InputError, match="columns must be"):
        inputs.load(write(other, GOOD, header="key,value"))


def copy_of_data(tmp_path: Path) -> Path:
    folder = tmp_path / "inputs"
    shutil.copytree(inputs.INPUTS, folder)
    return folder


def test_a_missing_row_and_a_tie_are_refused(tmp_path: Path) -> None:
    folder = copy_of_data(tmp_path)
    path = folder / "overhead.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(rows[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"overhead\.capital_charge: no row for"):
        inputs.load(folder).check(recipes.load())
    inputs.load.cache_clear()
    path.write_text("\n".join([*rows, rows[-1]]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="two rows hold"):
        inputs.load(folder).check(recipes.load())
    inputs.load.cache_clear()


def test_the_row_with_most_conditions_is_used() -> None:
    catalogue = inputs.load()
    academic = catalogue.select("manual_open", "academic", "clinical", "paper", "lentiviral")
    company = catalogue.select("manual_open", "commercial", "clinical", "paper", "lentiviral")
    assert academic["people.salary_level"].base == 0.78
    assert company["people.salary_level"].base == 1
    assert (
        catalogue.select("integrated_closed", "academic", "clinical", "paper", "lentiviral")[
            "process.culture_days"
        ].base
        == 12
    )
    assert catalogue.select("robotic", "academic", "clinical", "paper", "lentiviral")["process.culture_days"].base == 10
    assert company["materials.vector_dose_price"].base == 20_000
    commercial = catalogue.select("manual_open", "commercial", "commercial", "paper", "lentiviral")
    assert commercial["materials.vector_dose_price"].base == 7_000


def test_prices_are_converted_once_by_hand() -> None:
    """The media fill: 4,000 EUR of 2020 in USD of 2026 at 1.12 USD/EUR and 3 % a year over six years."""
    rows = inputs.load().select("manual_open", "commercial", "clinical", "paper", "lentiviral")
    values = inputs.values_in_use(rows, {}, "USD", 2026)
    assert values["quality.media_fill_price"] == pytest.approx(4_000 * 1.12 * 1.03**6, rel=1e-12)
    assert values["quality.stability_price"] == 150_000
    in_euro = inputs.values_in_use(rows, {}, "EUR", 2020)
    assert in_euro["quality.media_fill_price"] == pytest.approx(4_000, rel=1e-12)
    assert in_euro["quality.stability_price"] == pytest.approx(150_000 / 1.12 / 1.03**6, rel=1e-12)


def test_own_numbers_stand_in_scenario_money_and_own_rates_convert_the_rest() -> None:
    rows = inputs.load().select("manual_open", "commercial", "clinical", "paper", "lentiviral")
    own = {"quality.media_fill_price": 5_000.0, "finance.usd_per_eur": 1.0, "finance.cost_inflation": 0.0}
    values = inputs.values_in_use(rows, own, "USD", 2026)
    assert values["quality.media_fill_price"] == 5_000
    assert values["capacity.fittings.ultra_low_freezer.price"] == 16_760


def test_I_30_A_to_B_to_A_is_the_same() -> None:
    there = price_basis_factor("USD 2020", "EUR", 2026, 1.12, 0.03)
    back = price_basis_factor("EUR 2026", "USD", 2020, 1.12, 0.03)
    assert there * back == pytest.approx(1, rel=1e-12)
    assert price_basis_factor("USD 2026", "USD", 2026, 1.12, 0.03) == 1


@pytest.mark.parametrize("path", sorted(inputs.INPUTS.glob("*.csv")), ids=lambda p: p.stem)
def test_every_row_has_label_unit_grade_and_source(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert all(row[column].strip() for column in ("key", "platform", "label", "unit", "grade", "source"))


@pytest.mark.parametrize("value", [True, "5", None, float("nan"), float("inf"), -1, 21_000, [5]])
def test_an_own_number_out_of_bounds_or_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(InputError, match=r"allowed are 0\.1 to 20000 patients/yr"):
        inputs.checked_override("file", "demand.patients_per_year", value)
