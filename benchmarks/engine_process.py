"""Runs one engine: python -m benchmarks.engine_process SETTINGS.json (tidegate.engine.config.EngineSettings)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tidegate.engine.config import EngineSettings
from tidegate.engine.main import main
from tidegate.wire.lifetime import end_with_parent

if __name__ == "__main__":
    end_with_parent(os.getppid())
    main(EngineSettings.model_validate_json(Path(sys.argv[1]).read_text()))
