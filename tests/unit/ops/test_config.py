"""The venue's configuration: what is accepted, and that what is not is named."""

from pathlib import Path

import pytest

from tidegate.ops.config import DEFAULT_FILE, is_loopback, load
from tidegate.ops.errors import ConfigError


def write(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The default file with some of its text replaced."""
    text = DEFAULT_FILE.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "venue.toml"
    path.write_text(text)
    return path


def test_the_default_file_is_a_venue_with_three_symbols() -> None:
    """What is shipped can be used as it is, and makes settings for every process."""
    config = load()
    assert [each.symbol for each in config.instruments] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    assert config.venue.data_dir.is_absolute()
    assert config.gateway_settings(0).port == config.venue.port
    assert config.marketdata_settings().port == config.venue.marketdata_port
    assert [config.engine_settings(each).symbol for each in config.instruments] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    assert [each.name for each in config.risk_settings().accounts] == ["maker", "taker", "demo"]


@pytest.mark.rule("LIM-1", "LIM-2")
def test_the_default_venue_has_limits() -> None:
    """Bands, open and trigger orders and positions per instrument; tiers per key, of which one may be left out."""
    config = load()
    for each in config.instruments:
        assert (each.open_orders_max, each.trigger_orders_max) == (200, 10)
        assert 0 < each.band_down_bps <= each.band_up_bps <= 1000
        assert each.position_max_lots > 0
    limits = config.gateway_settings(0).limits
    assert limits.tier("retail").orders_second < limits.tier("").orders_second
    assert limits.tier("nobody's") == limits.tier("default")
    assert limits.tier("market-maker").orders_second > limits.tier("default").orders_second


def test_other_instruments_are_another_listing_of_the_same_venue() -> None:
    """What every process is told when a symbol comes or goes."""
    config = load()
    listed = config.listing(config.instruments[1:])
    assert [each.symbol for each in listed.marketdata_settings().instruments] == ["ETHUSDT", "SOLUSDT"]
    assert listed.topology.venue_id == config.topology.venue_id
    assert config.engine_settings(config.instruments[0], "AUCTION").initial_phase == "AUCTION"
    assert config.history_settings().instruments == config.instruments


def test_options_replace_keys_of_the_file(tmp_path: Path) -> None:
    """Directory and ports can be given on the command line."""
    config = load(data_dir=tmp_path, port=9000, marketdata_port=9001)
    assert (config.venue.data_dir, config.address, config.marketdata_address) == (
        tmp_path,
        "127.0.0.1:9000",
        "127.0.0.1:9001",
    )


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("port = 7400", "port = 70000", "venue.port"),
        ("port = 7400", "prot = 7400", "venue.prot"),
        ("gateways = 1", "gateways = 99", "venue.gateways"),
        ("gateways = 1", 'gateways = "one"', "venue.gateways"),
        ('symbol = "ETHUSDT"', 'symbol = "BTCUSDT"', "instruments.symbol"),
        ("instrument_id = 2", "instrument_id = 1", "instruments.instrument_id"),
        ('tick_size = "0.1"', 'tick_size = "0"', "instruments.0.tick_size"),
        ("command_records = 16384", "command_records = 10000", "command_records"),
        ("command_high_water = 12288", "command_high_water = 99999", "command_high_water"),
        ("command_high_water = 12288", "command_high_water = 8391", "in_flight_max"),
        ("marketdata_port = 7401", "marketdata_port = 7400", "marketdata_port"),
        ('api_key = "demo-maker-key-0"', 'api_key = "demo-taker-key-0"', "accounts.api_key"),
        ("[rings]", "[engine]\ncommands_max = 0\n[rings]", "commands_max"),
        ("[rings]", "[colour]\n[rings]", "colour"),
        ("[rings]", "[rings", "line"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    """Every refusal says which key of which file is at fault."""
    path = write(tmp_path, (old, new))
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert named in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """No traceback for a wrong path."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml: No such file"):
        load(tmp_path / "nowhere.toml")


def test_demonstration_keys_stay_on_this_machine(tmp_path: Path) -> None:
    """With a key that everybody can read, the venue does not listen to the network."""
    path = write(tmp_path, ('host = "127.0.0.1"', 'host = "0.0.0.0"'))
    with pytest.raises(ConfigError, match=r"venue\.operator_key.*accounts\.maker\.api_key.*demonstration key"):
        load(path)


def test_own_keys_may_be_served_to_the_network(tmp_path: Path) -> None:
    """The refusal is about the keys and about nothing else; and it does not repeat a secret."""
    text = DEFAULT_FILE.read_text().replace("demo-", "own-secret-").replace('"127.0.0.1"', '"0.0.0.0"')
    path = tmp_path / "venue.toml"
    path.write_text(text)
    config = load(path)
    assert config.demonstration_keys == []
    assert "own-secret-operator-key" not in repr(config)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],
)
def test_loopback(host: str, expected: bool) -> None:
    """Only what cannot be reached from outside counts."""
    assert is_loopback(host) is expected


def test_a_venue_that_is_not_a_table_is_named(tmp_path: Path) -> None:
    """One line for the operator instead of a traceback."""
    path = tmp_path / "venue.toml"
    for text in ("venue = 3\n", "[[venue]]\nport = 7400\n"):
        path.write_text(text)
        with pytest.raises(ConfigError, match="venue: must be a table"):
            load(path)


def test_a_tick_value_beyond_64_bits_is_refused(tmp_path: Path) -> None:
    """It has no room in the instrument's record: engine and market data would crash with it."""
    with pytest.raises(ConfigError, match="fits in 64 bits"):
        load(write(tmp_path, ('tick_size = "0.1"', 'tick_size = "1e30"')))
