"""`python -m benchmarks [NAME ...]`: run all measurements, or those named (`run`, `sync`, ...), each in its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(wanted: list[str]) -> int:
    """Run each measurement; the exit code says whether all kept their promises."""
    names = wanted or [path.stem.removeprefix("bench_") for path in sorted(HERE.glob("bench_*.py"))]
    failed = [name for name in names if subprocess.run([sys.executable, "-m", f"benchmarks.bench_{name}"]).returncode]
    if failed:
        print(f"Not kept: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
