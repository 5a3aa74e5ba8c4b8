import { BlockList, isIP } from "node:net";

/**
 * What the registries of special-purpose addresses (IANA, RFC 6890) keep from the public network: this host, private
 * networks, carrier NAT, loopback, link-local (cloud metadata), documentation, benchmarks, relays, multicast, reserved.
 */
const special4 = listOf("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
]);

/** The only block of IPv6 that is routed. Mapped, translated, local and multicast addresses lie outside. */
const global6 = listOf("ipv6", [["2000::", 3]]);
/** Inside it: protocol assignments with Teredo, documentation twice, and 6to4, which can hide any IPv4 address. */
const special6 = listOf("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]);

function listOf(family: "ipv4" | "ipv6", blocks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of blocks) list.addSubnet(network, prefix, family);
  return list;
}

/** True when a packet to the address leaves the operator's own networks. What is no address is not public. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special4.check(address, "ipv4");
    case 6:
      return global6.check(address, "ipv6") && !special6.check(address, "ipv6");
    default:
      return false;
  }
}
