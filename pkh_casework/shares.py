"""Parts of a whole as percentages that add up to 100."""

from fractions import Fraction


def shares(numbers, places=0):
    """The share of each of `numbers` (int, from 0) in their sum as a float, rounded to so many decimal places of a percent
    by the largest remainder, so that all of them together are 100 %. Zeros where the sum is 0.

    Of equal remainders the first gets the step: the same numbers always give the same shares.
    """
    numbers, steps = list(numbers), 100 * 10**places
    total = sum(numbers)
    if not total:
        return [0.0] * len(numbers)
    exact = [Fraction(number * steps, total) for number in numbers]
    given = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: given[place] - exact[place])
    for place in by_remainder[: steps - sum(given)]:
        given[place] += 1
    return [share / steps for share in given]
