"""A page that stays open over midnight has the new day where nobody chose one."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from tests.clock import DAY


def test_a_day_that_nobody_chose_goes_along_and_a_chosen_one_stays(phone, people, sign_in):
    page = sign_in(phone.new_page(), "sri")
    family = people["families"][0]
    zone = timezone.get_default_timezone()
    page.clock.install(time=datetime.combine(DAY, time(23, 50), zone))
    page.goto(f"/kegiatan/catat/?kpm={family.case_number}")
    day = page.locator('input[name="occurred_on"]')
    next_day = page.locator('input[name="next_step_on"]')
    assert day.input_value() == DAY.isoformat()

    page.clock.set_system_time(datetime.combine(DAY + timedelta(days=1), time(6), zone))
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    tomorrow = (DAY + timedelta(days=1)).isoformat()
    assert day.input_value() == tomorrow and day.get_attribute("max") == tomorrow
    assert next_day.get_attribute("min") == tomorrow

    day.evaluate(f"(input) => {{ input.value = '{DAY.isoformat()}'; }}")
    page.clock.set_system_time(datetime.combine(DAY + timedelta(days=2), time(6), zone))
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    assert day.input_value() == DAY.isoformat()
