import sys
from pathlib import Path

for directory in ("../EndToEnd", "../Rules", "."):
    sys.path.insert(0, str((Path(__file__).parent / directory).resolve()))
