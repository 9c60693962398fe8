"""Where on a flat map, in metres, is this place on the globe?

A transverse Mercator projection of the WGS84 ellipsoid whose central meridian runs through the
middle of the town's own layers, by Krueger's series to the third order (L. Krueger, "Konforme
Abbildung des Erdellipsoids in der Ebene", 1912). Within 50 km of that meridian a metre on this map
is a metre on the ground to 0.03 mm, so that distances are plain Euclidean distances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SEMI_MAJOR = 6_378_137.0  # metres, WGS84
FLATTENING = 1 / 298.257223563
_N = FLATTENING / (2 - FLATTENING)
_RADIUS = SEMI_MAJOR / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16,
    13 * _N**2 / 48 - 3 * _N**3 / 5,
    61 * _N**3 / 240,
)
_SQUEEZE = 2 * np.sqrt(_N) / (1 + _N)


@dataclass(frozen=True)
class LocalMetres:
    """A flat map around one meridian; ``longitude`` in degrees."""

    longitude: float

    def flatten(self, degrees: Numbers) -> Numbers:
        """Return rows of (east, north) in metres for rows of (longitude, latitude) in degrees."""
        away = np.radians(degrees[:, 0] - self.longitude)
        sine = np.sin(np.radians(degrees[:, 1]))
        t = np.sinh(np.arctanh(sine) - _SQUEEZE * np.arctanh(_SQUEEZE * sine))
        xi = np.arctan2(t, np.cos(away))
        eta = np.arctanh(np.sin(away) / np.sqrt(1 + t * t))
        east, north = eta.copy(), xi.copy()
        for order, alpha in enumerate(_ALPHA, start=1):
            east += alpha * np.cos(2 * order * xi) * np.sinh(2 * order * eta)
            north += alpha * np.sin(2 * order * xi) * np.cosh(2 * order * eta)
        return np.column_stack((_RADIUS * east, _RADIUS * north))
