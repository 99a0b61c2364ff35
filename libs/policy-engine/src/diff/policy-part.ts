import type { ApprovalRule, Limit, RecordLevel, Redaction, RuleElement, ToolMatch } from '../document.js';

/** What one part of a policy says, of the calls its section is about. */
export type PartBody =
  | { readonly kind: 'admit'; readonly by: 'name' | 'select' | 'default' }
  | { readonly kind: 'hide'; readonly entry: string }
  | { readonly kind: 'deny_if'; readonly element: RuleElement }
  | { readonly kind: 'require'; readonly element: RuleElement }
  | { readonly kind: 'approval'; readonly approval: ApprovalRule }
  | { readonly kind: 'limit'; readonly limit: Limit }
  | { readonly kind: 'redaction'; readonly redaction: Redaction }
  | { readonly kind: 'max_bytes'; readonly bytes: number }
  | { readonly kind: 'answer'; readonly element: RuleElement }
  | { readonly kind: 'record'; readonly level: RecordLevel };

/**
 * One thing a policy says. `key` is the same for parts that say the same, however they are written; `shape` for those that
 * differ only in the values they compare with. The message for the caller is in neither.
 */
export interface PolicyPart {
  readonly key: string;
  readonly shape: string;
  readonly body: PartBody;
  readonly message: string;
  /** Where it is written: a JSON Pointer. */
  readonly pointer: string;
  /** The id it has in decisions; `null` where decisions name no such rule. */
  readonly ruleId: string | null;
  /** The zone of the times it asks for; empty where it asks for none. */
  readonly zone: string;
}

/** Which calls a section's parts are about: those of one tool, of a class of tools, or all. */
export type SectionScope = { readonly kind: 'tool'; readonly tool: string } | { readonly kind: 'select'; readonly match: ToolMatch } | { readonly kind: 'all' };

/** The parts that stand together, in one document. Sections of two documents with one `key` are compared with each other. */
export interface PolicySection {
  readonly key: string;
  readonly scope: SectionScope;
  readonly parts: readonly PolicyPart[];
}
