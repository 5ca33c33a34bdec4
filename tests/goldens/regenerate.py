"""Write the golden results anew (`make goldens`), and say which headline figures moved and by how much."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.goldens.results import FOLDER, all_results


def main() -> None:
    """Write every golden file; print each headline before and after."""
    for name, data in all_results().items():
        path = FOLDER / name
        old = json.loads(path.read_text(encoding="utf-8"))["cost"]["per_patient_infused"] if path.exists() else None
        new = data["cost"]["per_patient_infused"]
        path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        moved = "new" if old is None else f"{100 * (new / old - 1):+.3f} %"
        print(f"{name:<34} {new:>12,.0f} per patient infused   {moved}")


if __name__ == "__main__":
    main()
