import type { PolicyId } from '@sallyport/kernel';
import type { PolicyState } from '@sallyport/organisation-state';
import { compilePolicy, parsePolicy, type CompiledPolicy } from '@sallyport/policy-engine';

/** A policy's enforced version, shared by every grant under it. Never changed: another version is another object. */
export class LivePolicy {
  readonly policyId: PolicyId;
  readonly name: string;
  readonly version: number;
  private readonly document: string;
  private made: CompiledPolicy | undefined;

  constructor({ policyId, name, version, document }: PolicyState) {
    this.policyId = policyId;
    this.name = name;
    this.version = version;
    this.document = document;
  }

  /**
   * Ready to decide: made when the version was published, and at the first use of one that came with a snapshot, because a worker
   * starts with many that nobody uses for now (about a millisecond and 5 kB each).
   *
   * @throws TypeError where this worker cannot read it: nothing is decided then.
   */
  get compiled(): CompiledPolicy {
    return (this.made ??= this.compile());
  }

  /** Whether this worker can read it. */
  get isReadable(): boolean {
    return this.made !== undefined || parsePolicy(this.document).ok;
  }

  private compile(): CompiledPolicy {
    const parsed = parsePolicy(this.document);
    if (!parsed.ok) throw new TypeError(`version ${this.version} of policy ${this.name} cannot be read by this worker`);
    return compilePolicy(parsed.value);
  }
}
