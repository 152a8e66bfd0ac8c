"""HiveServer2, by the first words of a login."""

from home.reading import Down, Reading, ask

# SASL: START with PLAIN, then user and password.
HELLO = b"\1\0\0\0\5PLAIN\2\0\0\0\x0a\0home\0xxxx"
ACCEPTED = b"\5"


async def look(address):
    answer = await ask(address, HELLO, size=5)
    if answer[:1] != ACCEPTED:
        raise Down(f"it takes no login: {answer!r}")
    return Reading()
