import type { RunningProcess, StartReporter } from '../output/start-reporter.js';
import { describeProcess, type Launched } from './launch.js';
import { startWarden, type Warden } from './warden.js';

/** Something of this machine that runs for the deployment and may end by itself. */
export interface CrewService extends RunningProcess {
  /** How the warden asks it to stop. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** Told once if it ends without having been asked to. */
  onExit(listener: () => void): void;
}

/** Every process of the deployment: who is told of them, and how those of ours are stopped. */
export class Crew {
  private readonly warden: Warden = startWarden();
  private readonly launched: Launched[] = [];
  private stopping = false;

  constructor(private readonly reporter: Pick<StartReporter, 'running' | 'ended'>) {}

  /** Takes in a process of ours, which counts as running once it listens. @throws {Fault} of `Child.until`. */
  async take(launched: Launched, withinMs: number): Promise<void> {
    this.launched.push(launched);
    this.warden.watch({ pid: launched.child.pid, signal: null });
    await launched.child.until('listening', withinMs);
    const described = describeProcess(launched);
    this.reporter.running(described);
    void launched.child.exited.then((how) => this.ended(described, how));
  }

  /** Takes in a service that runs. */
  takeService(service: CrewService): void {
    this.warden.watch({ pid: service.pid, signal: service.stopSignal });
    this.reporter.running(service);
    service.onExit(() => this.ended(service, 'by itself'));
  }

  /** Asks all of a role to stop, at once, and waits for them. From now on nobody is told of an end. */
  async stop(role: Launched['role']): Promise<void> {
    this.stopping = true;
    await Promise.all(this.launched.filter((one) => one.role === role).map(({ child }) => child.stop()));
  }

  /** Everything was stopped. */
  dismiss(): Promise<void> {
    return this.warden.dismiss();
  }

  private ended(process: RunningProcess, how: string): void {
    if (!this.stopping) this.reporter.ended(process, how);
  }
}
