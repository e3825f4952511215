"""Whether and when a process is started again (acceptance row 12: no crash loop)."""

from tidegate.ops.config import SupervisorSection
from tidegate.ops.restart_policy import RestartPolicy

SETTINGS = SupervisorSection(quick_crash_s=5.0, quick_kill_s=1.0, quick_crashes_max=3, backoff_s=0.2)


def test_a_process_that_was_up_is_started_at_once_however_often() -> None:
    """Twenty kills, each after a while of service, are twenty restarts without a wait."""
    policy = RestartPolicy(SETTINGS, frozenset())
    assert [policy.delay_after(-9, uptime_s=1.0) for _ in range(20)] == [0.0] * 20
    assert [policy.delay_after(-9, uptime_s=0.9) for _ in range(3)] == [0.2, 0.4, None]


def test_quick_crashes_wait_longer_and_end() -> None:
    """Three in a row, and it is left alone."""
    policy = RestartPolicy(SETTINGS, frozenset())
    assert [policy.delay_after(1, uptime_s=0.1) for _ in range(3)] == [0.2, 0.4, None]


def test_service_in_between_begins_the_count_anew() -> None:
    """Only crashes in a row count."""
    policy = RestartPolicy(SETTINGS, frozenset())
    uptimes = [0.1, 0.1, 5.0, 0.1, 0.1, 0.1]
    assert [policy.delay_after(1, uptime_s) for uptime_s in uptimes] == [0.2, 0.4, 0.0, 0.2, 0.4, None]


def test_a_final_exit_code_is_final_at_once() -> None:
    """An engine that says so is not started again, however long it ran."""
    policy = RestartPolicy(SETTINGS, frozenset({82}))
    assert policy.delay_after(82, uptime_s=1000.0) is None


def test_an_end_without_an_error_is_restarted_too() -> None:
    """While the venue is up, every process has to be."""
    policy = RestartPolicy(SETTINGS, frozenset({82}))
    assert policy.delay_after(0, uptime_s=1000.0) == 0.0
