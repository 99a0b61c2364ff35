import type { ExportParts } from './export-parts.js';
import { FleetBalance } from './fleet-balance.js';
import { SinkExporter } from './sink-exporter.js';
import type { SinkPlan } from './sink-plan.js';

interface Post {
  plan: SinkPlan;
  exporter: SinkExporter;
  /** Ends of exporters that this one follows. */
  ending: Promise<void>;
}

/**
 * All sinks that a process exports to. Each has an exporter of its own, and what happens to one reaches no other: they share the memory
 * that `Room` deals out, and nothing else. Several processes may run fleets over the same sinks: leases say who exports to which, and each
 * keeps to its share of them.
 */
export class SinkFleet {
  private readonly posts = new Map<string, Post>();
  private readonly leaving = new Set<Promise<void>>();
  private readonly balance: FleetBalance;
  private exporters = 0;
  private closed = false;

  /** @param holder Names this process's life, such as an instance id with its start: never the same twice. */
  constructor(
    private readonly parts: ExportParts,
    private readonly holder: string,
  ) {
    this.balance = new FleetBalance(parts, holder, () => [...this.posts.values()].map(({ exporter }) => exporter));
  }

  /** The sinks that there are now, all of them: new ones start, those with another version start anew, those that are missing stop. Others are not touched. */
  apply(plans: readonly SinkPlan[]): void {
    if (this.closed) return;
    const wanted = new Map(plans.map((plan) => [keyOf(plan), plan]));
    for (const [key, post] of this.posts) if (!wanted.has(key)) this.dismiss(key, post);
    for (const [key, plan] of wanted) this.put(key, plan);
    this.balance.start();
  }

  /** Has a sink look at once at what a person wrote of it. */
  nudge(sink: Pick<SinkPlan, 'organisationId' | 'sinkId'>): void {
    this.posts.get(keyOf(sink))?.exporter.nudge();
  }

  /** Stops every exporter, and resolves when all have ended, or after `withinMs`. Then their leases run out by themselves. */
  async close(withinMs: number): Promise<void> {
    this.closed = true;
    for (const [key, post] of this.posts) this.dismiss(key, post);
    await this.within(Promise.all([...this.leaving, this.balance.end()]), withinMs);
  }

  private put(key: string, plan: SinkPlan): void {
    const post = this.posts.get(key);
    if (post === undefined) {
      const exporter = this.newExporter(plan);
      exporter.start();
      this.posts.set(key, { plan, exporter, ending: Promise.resolve() });
    } else if (post.plan.version !== plan.version) this.replace(key, post, plan);
  }

  /** The new one starts when the old one has ended, at the latest when it should have. */
  private replace(key: string, post: Post, plan: SinkPlan): void {
    const stopped = this.follow(post.exporter.stop());
    const exporter = this.newExporter(plan);
    const next: Post = { plan, exporter, ending: this.within(Promise.all([post.ending, stopped]), this.stopMs) };
    this.posts.set(key, next);
    void next.ending.then(() => {
      if (this.posts.get(key) === next) exporter.start();
    });
  }

  private dismiss(key: string, post: Post): void {
    this.posts.delete(key);
    void this.follow(post.exporter.stop());
  }

  private newExporter(plan: SinkPlan): SinkExporter {
    this.exporters += 1;
    return new SinkExporter(plan, this.parts, { holder: `${this.holder}/${this.exporters}`, patienceMs: () => this.balance.patienceMs });
  }

  private follow(stopping: Promise<void>): Promise<void> {
    this.leaving.add(stopping);
    void stopping.finally(() => this.leaving.delete(stopping));
    return stopping;
  }

  private get stopMs(): number {
    return 3 * this.parts.limits.graceMs;
  }

  private within(work: Promise<unknown>, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.parts.scheduler.after(ms, resolve);
      void work.then(() => {
        callOff();
        resolve();
      });
    });
  }
}

const keyOf = ({ organisationId, sinkId }: Pick<SinkPlan, 'organisationId' | 'sinkId'>): string => `${organisationId}/${sinkId}`;
