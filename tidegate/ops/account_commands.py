"""`tidegate account`, `tidegate key`, `tidegate deposit`: accounts, their API keys, their money."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Annotated

import typer

from tidegate.ops.calls import Venue
from tidegate.ops.command_line import AddressOption, ConfigOption, KeyOption, operating, to_units
from tidegate.ops.errors import RequestError
from tidegate.ops.up import say
from tidegate.v1 import operations_service_pb2 as pb
from tidegate.wire.instruments import AMOUNT_UNIT

account_app = typer.Typer(help="Accounts and their tiers of limits.", no_args_is_help=True)
key_app = typer.Typer(help="API keys of accounts.", no_args_is_help=True)

AccountArgument = Annotated[str, typer.Argument(help="Number or name of the account.")]
KINDS = {
    "trading": pb.API_KEY_KIND_TRADING,
    "read-only": pb.API_KEY_KIND_READ_ONLY,
    "drop-copy": pb.API_KEY_KIND_DROP_COPY,
}


@account_app.command("create")
def create_account(
    name: Annotated[str, typer.Argument(help="1 to 64 characters, unique.")],
    tier: Annotated[str, typer.Option("--tier", help="Tier of limits; without one, the default.")] = "",
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Open an account; prints its number and its API key, which is shown only here."""
    with operating(config, address, key) as venue:
        answer = venue.call(venue.operations.CreateAccount, pb.CreateAccountRequest(name=name, tier=tier))
        say(f"account {answer.account_id}\nkey     {answer.api_key}")


@account_app.command("list")
def list_accounts(config: ConfigOption = None, address: AddressOption = None, key: KeyOption = None) -> None:
    """List accounts with their balances."""
    with operating(config, address, key) as venue:
        for account in accounts(venue):
            held = ", ".join(f"{each.amount * AMOUNT_UNIT:f} {each.asset}" for each in account.balances)
            say(f"{account.account_id:>6}  {account.name:<24}  {held or '-'}")


@account_app.command("tier")
def set_tier(
    account: AccountArgument,
    tier: Annotated[str, typer.Argument(help='Tier of the configuration; "default": none of its own.')],
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Put an account into a tier of limits (rules LIM-2, LIM-3)."""
    with operating(config, address, key) as venue:
        number = account_number(venue, account)
        wanted = "" if tier == "default" else tier
        venue.call(venue.operations.SetAccountTier, pb.SetAccountTierRequest(account_id=number, tier=wanted))
        say(f"account {number} has the limits of {tier}")


@account_app.command("self-trade-group")
def set_self_trade_group(
    account: AccountArgument,
    group: Annotated[int, typer.Argument(min=0, max=2**32 - 1, help="Number of the group; 0: none.")],
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Put an account into a group whose orders do not trade with one another (rule ORD-6)."""
    with operating(config, address, key) as venue:
        number = account_number(venue, account)
        request = pb.SetSelfTradeGroupRequest(account_id=number, self_trade_group=group)
        venue.call(venue.operations.SetSelfTradeGroup, request)
        say(f"account {number} is in self-trade group {group}" if group else f"account {number} is in no group")


@key_app.command("create")
def create_key(
    holders: Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Number or name; several for drop-copy.")],
    kind: Annotated[str, typer.Option("--kind", help="trading, read-only or drop-copy.")] = "trading",
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Issue another API key; prints it, which happens only here, and the id to revoke it by."""
    with operating(config, address, key) as venue:
        if kind not in KINDS:
            raise RequestError(f"{kind} is not a kind of key: {', '.join(KINDS)}")
        numbers = [account_number(venue, each) for each in holders]
        request = pb.CreateApiKeyRequest(account_ids=numbers, kind=KINDS[kind])
        answer = venue.call(venue.operations.CreateApiKey, request)
        say(f"key     {answer.api_key}\nid      {answer.key_id}")


@key_app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The id that was printed with the key.")],
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Make an API key worthless."""
    with operating(config, address, key) as venue:
        venue.call(venue.operations.RevokeApiKey, pb.RevokeApiKeyRequest(key_id=key_id))
        say(f"key {key_id} is revoked")


def deposit(  # noqa: PLR0917 - one parameter per option
    account: AccountArgument,
    asset: Annotated[str, typer.Argument(help="For example USDT.")],
    amount: Annotated[str, typer.Argument(help="For example 1000.5; at most 8 decimals.")],
    number: Annotated[
        str | None, typer.Option("--id", help="Your number of this deposit: the same again is booked only once.")
    ] = None,
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Book a deposit, exactly once per --id."""
    with operating(config, address, key) as venue:
        request = pb.DepositRequest(
            account_id=account_number(venue, account),
            asset=asset,
            amount=to_units(amount),
            deposit_id=number or f"cli-{secrets.token_hex(8)}",
        )
        answer = venue.call(venue.operations.Deposit, request)
        again = " (booked before)" if answer.duplicate else ""
        balance = f"{answer.balance * AMOUNT_UNIT:f} {asset}"
        say(f"entry {answer.entry_id}{again}, balance {balance}, id {request.deposit_id}")


def accounts(venue: Venue) -> Iterator[pb.Account]:
    """All accounts, page by page."""
    token = ""
    while True:
        page = venue.call(venue.operations.ListAccounts, pb.ListAccountsRequest(page_size=1000, page_token=token))
        yield from page.accounts
        token = page.next_page_token
        if not token:
            return


def account_number(venue: Venue, account: str) -> int:
    """An account's number from its number or its name. Raises RequestError."""
    if account.isdecimal():
        number = int(account)
        if number >= 1 << 32:
            raise RequestError(f"{account} is not the number of an account")
        return number
    for each in accounts(venue):
        if each.name == account:
            return each.account_id
    raise RequestError(f"no account is called {account}")
