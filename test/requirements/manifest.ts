/** One promise to those who rely on Sallyport. Tests cite its id in their titles: `… [grant/revocation-binds]`. */
export interface Requirement {
  /** Where the promise is made. */
  readonly source: string;
  readonly behaviour: string;
  /** A gap we know of: what is missing. It is cited by `it.fails`, which turns red when the gap is closed. */
  readonly knownGap?: string;
}

/** Every promise, by id. A gate fails on one that no test cites, and on a citation of none. */
export const REQUIREMENTS = {
  'start/first-run': { source: 'README, Two commands', behaviour: 'The first start makes an organisation, an admin token, a server, an identity, a policy and a grant, and shows an allowed, a denied and a limited call.' },
  'start/keeps-data': { source: 'README, Two commands', behaviour: 'A second start finds everything the first one made.' },
  'start/one-owner': { source: 'README, Two commands', behaviour: 'A data folder has one living owner; a dead one is succeeded, PostgreSQL included.' },
  'start/never-root': { source: 'README, Two commands', behaviour: 'PostgreSQL never runs as root, and a folder that others may not enter still works.' },
  'start/bad-variables': { source: 'README, Configuration', behaviour: 'Each bad or unknown variable stops the start with one sentence, without its value.' },
  'log/gapless': { source: 'README, Promises', behaviour: 'Revisions of an organisation are 1, 2, 3 without a gap, whatever races or fails.' },
  'log/expected-version': { source: 'README, Promises', behaviour: 'Of two changes that saw the same version of an object, one is refused.' },
  'log/rebuild': { source: 'README, Promises', behaviour: 'Projections rebuilt from events are identical.' },
  'log/as-of': { source: 'README, Promises', behaviour: 'Who could call what can be answered for any revision and any time.' },
  'log/snapshot-plus-tail': { source: 'libs/organisation-state', behaviour: 'A snapshot of any point and the events after it make the same state, with the same hash, as all events.' },
  'log/golden': { source: 'proto/README', behaviour: 'Every event version ever written can be read.' },
  'grant/revocation-binds': { source: 'README, Promises', behaviour: 'A call that arrives after a revocation was answered as enforced is refused.' },
  'grant/token-once': { source: 'README, Promises', behaviour: 'A token is shown once and kept as a keyed hash.' },
  'policy/pure': { source: 'libs/policy-engine', behaviour: 'A decision is total and depends on nothing but policy, call and time of arrival.' },
  'policy/published-documents': { source: 'libs/policy-engine', behaviour: 'Documents published for real servers load and do what they say.' },
  'policy/diff': { source: 'libs/policy-engine', behaviour: 'A difference between two versions is what they decide differently, however they are written; where that cannot be decided it is said.' },
  'policy/labels': { source: 'README, Put a real server and a real agent behind it', behaviour: 'Tools carry categories and risks that a person gave them, and policies decide by them.' },
  'policy/explain': { source: 'libs/policy-engine', behaviour: 'Any decision, recorded or tried, can be explained: the rules in order, what each condition saw, and which one settled it; values only for those who may see them.' },
  'policy/shadow': { source: 'README, Put a real server and a real agent behind it', behaviour: 'A version in shadow is asked about live calls and changes none; where it disagrees that is recorded and counted.' },
  'policy/promote': { source: 'README, Put a real server and a real agent behind it', behaviour: 'A version in shadow is put in force by one change.' },
  'policy/tests': { source: 'libs/policy-engine', behaviour: 'Tests beside a policy say what calls must come to, and may be required to pass before it is published.' },
  'policy/import': { source: 'libs/policy-engine', behaviour: 'The older YAML form is imported, or refused with the line that cannot be said.' },
  'policy/simulate': { source: 'libs/policy-engine', behaviour: 'A draft or an older version is replayed over recorded decisions; what was not kept is counted as unknown, never guessed.' },
  'policy/record': { source: 'README, Put a real server and a real agent behind it', behaviour: 'Argument values are kept only where a policy says so, sealed, shown only to those who may see them, and replayed by simulations only for auditors and admins, on record.' },
  'audit/erasable': { source: 'README, Promises', behaviour: 'Kept values of an identity are read by nobody once an admin erased them, and the chain verifies as before.' },
  'audit/one-chain': { source: 'README, Promises', behaviour: 'What happens in an organisation is one stream, numbered and chained without a gap or a double, whatever is killed.' },
  'audit/no-second-past': { source: 'README, Promises', behaviour: 'No head is signed that contradicts one that was signed before.' },
  'audit/verifiable': { source: 'README, Promises', behaviour: 'An export can be verified offline: any change, gap, repetition or forgery is found, and an untouched one passes.' },
  'audit/administration': { source: 'README, Audit and SIEM', behaviour: 'Every change of a grant, policy, server, member, token, sink or setting is in the stream, with who did it and what it changed, without a secret.' },
  'sinks/no-silent-loss': { source: 'README, Promises', behaviour: 'An event is delivered to a sink, or it is a dead letter, or the stream says that it is missing.' },
  'sinks/apart': { source: 'README, Promises', behaviour: 'A sink that is slow, hangs or is hostile delays neither calls nor another sink.' },
  'sinks/credentials': { source: 'libs/sinks', behaviour: 'Credentials of a sink are sealed and never shown again.' },
  'sinks/egress': { source: 'libs/sinks', behaviour: 'A sink reaches only addresses that the egress guard lets it, looked at again at the connected peer.' },
  'gateway/denial-shape': { source: 'README, What a denial looks like', behaviour: 'A denial is a tool result that the agent can read, and reveals nothing of a hidden tool.' },
  'gateway/list-filtered': { source: 'README, Promises', behaviour: 'A list shows a tool exactly when some call to it could be allowed.' },
  'gateway/bytes-forwarded': { source: 'README, Promises', behaviour: "The client's own bytes reach the upstream unchanged." },
  'gateway/no-token-passthrough': { source: 'README, Promises', behaviour: "The client's credentials and cookies never reach an upstream." },
  'gateway/no-smuggling': { source: 'README, Promises', behaviour: 'A body that two parsers read differently is refused.' },
  'gateway/conformance': { source: 'README, Promises', behaviour: 'No check of the official conformance suite that an upstream passes is lost behind the gateway.' },
  'limits/exact': { source: 'README, Promises', behaviour: 'Of a thousand calls at once against a limit of a hundred, a hundred are admitted.' },
  'limits/survive-restart': { source: 'README, Promises', behaviour: 'Limits of an hour and longer survive a kill.' },
  'servers/four': { source: 'README, Promises', behaviour: 'Clockify, Harvest, TickTick and TrackingTime work under the policies published for them.' },
  'audit/decided-first': { source: 'README, Promises', behaviour: 'No call reaches an upstream without a durable record of its decision.' },
  'audit/nothing-lost': { source: 'README, Promises', behaviour: 'Every durable decision is stored, once, whatever is killed.' },
  'audit/no-values': { source: 'README, Promises', behaviour: "A secret appears in no record, log, answer or file, and an argument's value neither, unless a policy keeps it, sealed." },
  'organisations/isolated': { source: 'README, Promises', behaviour: 'One organisation never sees or changes what belongs to another.' },
  'secrets/bound': { source: 'README, Promises', behaviour: 'A sealed value opens only in the place it was sealed for.' },
  'egress/guarded': { source: 'README, Promises', behaviour: 'An upstream is reached only where the operator allows: by form, by resolution and by peer.' },
  'stdio/operator-only': { source: 'README, Promises', behaviour: "A process is started only from the operator's file, never through an API." },
} as const satisfies Readonly<Record<string, Requirement>>;
