"""What does a submission cost while nobody carries letters? The served town with its postman at rest.

For measuring alone: everything else is what ``flask --app app serve`` runs.
"""

from __future__ import annotations

from unittest.mock import patch

from app import create_app
from clock.postman import Postman
from console.starting import serve_app

if __name__ == "__main__":
    with patch.object(Postman, "start"), patch.object(Postman, "stop"):
        raise SystemExit(serve_app(create_app()))
