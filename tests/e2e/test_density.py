"""How many families a screen shows, once its heading has been scrolled away."""

import pytest

from tests.factories import HouseholdFactory

from .conftest import DESKTOP, PHONE

NAMES = ["Aceng Permana", "Siti Aminah", "Neng Wulan Sari", "Euis Komariah", "Ade Maulana"]
SEEN_WHOLE = """(rows) => {
  const bar = document.querySelector('.nav').getBoundingClientRect();
  const end = bar.width > bar.height ? bar.top : window.innerHeight;
  rows[0].scrollIntoView({ block: 'start', behavior: 'instant' });
  window.scrollBy(0, rows[0].getBoundingClientRect().top);
  return rows.filter((row) => row.getBoundingClientRect().bottom <= end).length;
}"""


@pytest.mark.parametrize(("size", "least"), [(PHONE, 8), (DESKTOP, 15)], ids=["phone", "desk"])
def test_the_list_of_families_is_dense(open_browser, people, sign_in, size, least):
    for number in range(20):
        HouseholdFactory(
            pendamping=people["pendamping"],
            name=NAMES[number % len(NAMES)],
            rw=number % 9 + 1,
            rt=number % 7 + 1,
        )
    page = sign_in(open_browser().new_page(), "sri")
    page.set_viewport_size(size)
    page.goto("/kpm/")

    assert page.locator("#household-rows .rows > li.row").evaluate_all(SEEN_WHOLE) >= least
