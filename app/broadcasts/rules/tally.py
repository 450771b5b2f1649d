"""How likely so many of a number of people say yes: pure.

A sum of unequal chances (Poisson-binomial), widened because the chances
themselves are estimates that may all be too high or too low together. Its
mean and variance are exact; its shape is the member of the (a, b, 0) class
of counts (Panjer 1981: binomial, Poisson, negative binomial) that has them.
For equal chances that is exact too; for the usual ones, up to 40 in 100, it
is within five in a hundred of the truth, and the nearer the more there are.
"""

from __future__ import annotations

import math
from typing import Final

# Above so many expected the bell curve is as good, and nothing can underflow.
MANY: Final = 200.0
_LIKE_POISSON: Final = 1e-9


def at_least(wanted: int, mean: float, squares: float, shape: float) -> float:
    """The chance of at least `wanted` yes.

    `mean` is the sum of the chances and `squares` the sum of their squares;
    `shape` says how sure the estimate is: all chances share a factor of mean
    1 and variance 1 / `shape`.
    """
    if wanted <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    variance = mean - squares + mean * mean / shape
    if mean > MANY or wanted > MANY:
        spread = math.sqrt(max(variance, 1e-12) * 2)
        return float(0.5 * math.erfc((wanted - 0.5 - mean) / spread))
    # Panjer: p(k) = p(k-1) * (a + b / k).
    a = 1.0 - mean / max(variance, 1e-12)
    if a < -50.0:  # next to no doubt: nearly everybody is sure
        a = -50.0
    if abs(a) < _LIKE_POISSON:
        a, first = 0.0, math.exp(-mean)
    else:
        first = (1.0 - a) ** (mean * (1.0 - a) / a)
    b = mean * (1.0 - a) - a
    probability = first
    below = first
    for count in range(1, wanted):
        probability *= a + b / count
        if probability <= 0.0:
            break
        below += probability
    return min(1.0, max(0.0, 1.0 - below))
