"""Where a request may go: a name is looked up once, and what was looked at is what is connected to.

Addresses of this machine, of its network and of clouds' metadata are nobody's receiver unless ``WEBHOOK_NETWORKS`` names
them: an endpoint must not be a way to make the portal ask its own neighbours (OWASP: server-side request forgery).
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

_NAT64 = ip_network("64:ff9b::/96")


class ForbiddenTargetError(Exception):
    """Nothing may be sent there; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was looked at, and what stands in the request for it."""

    is_tls: bool
    host: str
    port: int
    address: str
    path: str

    @property
    def authority(self) -> str:
        """For the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.is_tls else 80
        return host if self.port == usual else f"{host}:{self.port}"


def looked_up(url: str) -> Target:
    """The target of an address, looked up now. Raises ForbiddenTargetError with the reason.

    Every address the name has must be allowed: one that is not could be next time's.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenTargetError("不是有效的网址，请检查。") from error
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ForbiddenTargetError("网址应当以 https:// 开头。")
    if parts.username or parts.password or parts.fragment:
        raise ForbiddenTargetError("网址中不能有用户名、密码和 # 以后的部分，请用密钥签名代替。")
    is_tls = parts.scheme == "https"
    found = _addresses(parts.hostname, port or (443 if is_tls else 80))
    for each in found:
        named = _is_named(each)
        if not named and not _is_public(each):
            raise ForbiddenTargetError(
                f"{parts.hostname} 指向内部地址 {each}，没有发送。确需对接的内部网段，由运维写入 WEBHOOK_NETWORKS。"
            )
        if not is_tls and not named:
            raise ForbiddenTargetError(
                "不加密的 http:// 只能用于 WEBHOOK_NETWORKS 中的内部网段，请用 https://。"
            )
    path = parts.path or "/"
    return Target(
        is_tls=is_tls,
        host=parts.hostname,
        port=port or (443 if is_tls else 80),
        address=str(found[0]),
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def _addresses(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ForbiddenTargetError(f"查不到 {host} 的地址，请检查网址或者稍后再试。") from error
    return [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]


def _is_named(address: IPv4Address | IPv6Address) -> bool:
    return any(_plain(address) in ip_network(text) for text in settings.WEBHOOK_NETWORKS)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is somewhere on the internet, whatever dress an IPv4 address wears."""
    plain = _plain(address)
    return plain.is_global and not plain.is_multicast


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that is just a way of writing it, or of tunnelling to it."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    return inside or address
