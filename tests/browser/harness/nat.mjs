/**
 * NATs after RFC 4787 as rules of nftables, for a router with one host behind it: the kinds that `sim/src/nat.rs` knows,
 * by the same names.
 *
 * Linux keeps the port of a mapping where it can, and lets in only who was spoken to (`port`). Everything else is made of
 * that: a router that hands its host whatever comes (`open`), one that asks for the address only (`address`), one that
 * draws a port for each destination (`symmetric`).
 */

/** @typedef {'open' | 'address' | 'port' | 'symmetric' | 'blocked'} Kind */

/** Every kind. */
export const KINDS = ['open', 'address', 'port', 'symmetric', 'blocked'];

/** How long an address counts as spoken to, as a mapping's life (RFC 4787, REQ-5). */
const SPOKEN = '120s';

/**
 * Where STUN answers. A symmetric NAT draws its ports for it apart from all others, so that no two are ever the same by
 * chance: once in some thousand runs such a pair would meet.
 */
const STUN_PORTS = '3478, 3479';

/**
 * The rules of a router whose interfaces are `wan` and `lan`.
 *
 * @param {Kind} kind
 * @param {{ inner: string, wan: string }} addresses of the host behind it, and its own
 */
export function rules(kind, { inner, wan }) {
  const [into, out, mapping] = parts(kind, inner, wan);
  return `table ip shoal_nat {
  set spoken { type ipv4_addr; flags dynamic,timeout; timeout ${SPOKEN}; }
  chain prerouting {
    type nat hook prerouting priority dstnat
    ${into}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "wan" ${mapping}
  }
  chain forward {
    type filter hook forward priority filter
    ${out}
  }
  chain input {
    # What nobody asked for leaves no trace: a trace would take the port of the mapping that the host makes next.
    type filter hook input priority filter
    iifname "wan" meta l4proto udp drop
  }
}
`;
}

function parts(kind, inner, wan) {
  const hand = `dnat to ${inner}`;
  const keep = `snat to ${wan}`;
  switch (kind) {
    case 'open':
      return [`iifname "wan" meta l4proto udp ${hand}`, '', keep];
    case 'address':
      return [
        `iifname "wan" meta l4proto udp ip saddr @spoken ${hand}`,
        'iifname "lan" meta l4proto udp update @spoken { ip daddr }',
        keep,
      ];
    case 'port':
      return ['', '', keep];
    case 'symmetric':
      return ['', '', [
        `udp dport { ${STUN_PORTS} } snat to ${wan}:1024-19999 fully-random`,
        `oifname "wan" meta l4proto udp snat to ${wan}:20000-65535 fully-random`,
        `oifname "wan" ${keep}`,
      ].join('\n    ')];
    case 'blocked':
      return ['', 'meta l4proto udp drop', keep];
    default:
      throw new Error(`there is no NAT of kind ${kind}; there are ${KINDS.join(', ')}`);
  }
}
