/** A network that the machine's operator opened. */
export interface OpenedNetwork {
  /** `10.0.0.0/8`, `fd00::/8`. */
  readonly cidr: string;
  /** Ids or slugs of the organisations that may reach it; absent: all. */
  readonly organisations?: readonly string[] | undefined;
}

/** Where upstreams and sinks may be reached besides https on port 443 of the public internet. */
export interface EgressRules {
  /** Networks in which plain http and any port are accepted. */
  readonly allow: readonly OpenedNetwork[];
  /** Further https ports on the public internet. */
  readonly ports: readonly number[];
}
