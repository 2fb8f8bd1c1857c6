"""A page at every size: a narrow phone, the same with letters of twice the size, a phone, a desk."""

import pytest

from .conftest import DESKTOP, NARROW, PHONE

MOST_OF_A_PHONE = 0.12  # of its height, for the bar with the title
LONG = 40  # signs; a title of more, such as a person's wish, may take a third line
TITLE_BAR = f"""() => {{
  const title = document.querySelector('.has-nav .page-head h1');
  return title && title.innerText.length <= {LONG} ? title.offsetHeight : 0;
}}"""
# The words and marks of the bar that lie on words of the title.
ON_THE_TITLE = """() => {
  const title = document.querySelector('main h1');
  if (!title) return [];
  const words = document.createRange();
  words.selectNodeContents(title);
  const lines = [...words.getClientRects()];
  const isOn = (box) => box.width > 1 && lines.some((line) => box.left < line.right - 1 && box.right > line.left + 1
    && box.top < line.bottom - 4 && box.bottom > line.top + 4);
  return [...document.querySelectorAll('.topbar .icon, .topbar strong, .topbar span')]
    .filter((one) => (one.matches('svg') || one.innerText) && isOn(one.getBoundingClientRect()))
    .map((one) => one.innerText || 'a mark');
}"""
# What is lost when a reader sets letters of twice the size: the width of the page, or a word of the bar at the bottom.
WITH_LARGE_LETTERS = """() => {
  const root = document.documentElement, lost = [];
  root.style.fontSize = '200%';
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth);
    lost.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth} px: ${wide.slice(-3).map((one) => one.outerHTML.slice(0, 120))}`);
  }
  let end = 0;
  for (const word of document.querySelectorAll('.nav__label')) {
    const box = word.getBoundingClientRect();
    if (!box.width) continue;
    if (box.left < end - 1 || box.right > innerWidth + 1 || box.bottom > innerHeight) lost.push(word.textContent);
    end = box.right;
  }
  const skip = document.querySelector('.skip');
  if (skip && skip.getBoundingClientRect().bottom > 0) lost.push('the way past the menu lies on the page');
  root.style.fontSize = '';
  return lost;
}"""


@pytest.fixture
def check_sizes(check_page):
    """Check the page in front of us as a narrow phone, the same with letters of twice the size, a phone and a desk show it."""

    def check(page, rules_at=(PHONE, DESKTOP)):
        for size in (NARROW, PHONE, DESKTOP):
            page.set_viewport_size(size)
            if size == NARROW:
                lost = page.evaluate(WITH_LARGE_LETTERS)
                assert not lost, f"{page.url} with letters of twice the size: {lost}"
            elif size == PHONE:
                bar = page.evaluate(TITLE_BAR)
                assert bar <= MOST_OF_A_PHONE * size["height"], f"{page.url} has a title of {bar} px"
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, f"{page.url} scrolls sideways at {size['width']} px"
            hidden = page.evaluate(ON_THE_TITLE)
            assert not hidden, f"{page.url}: {hidden} on the title at {size['width']} px"
            if size in rules_at:
                check_page(page)

    return check
