import { Inject, Injectable } from '@nestjs/common';
import type { OperatorFile } from '@sallyport/operator-file';
import type { Logger } from 'pino';

import { FirstRun, type OperatorToken } from './first-run.js';
import { PART } from './platform/parts.js';
import { RegisterStdioServers, type StdioOutcome } from './slices/servers/commands/register-stdio-servers.js';

/** What the owner of the machine does at start, as the system and without a token. */
@Injectable()
export class Bootstrap {
  constructor(
    @Inject(FirstRun) private readonly first: FirstRun,
    @Inject(RegisterStdioServers) private readonly stdioServers: RegisterStdioServers,
    @Inject(PART.operatorFile) private readonly operatorFile: OperatorFile,
    @Inject(PART.log) private readonly log: Logger,
  ) {}

  /** Makes the first organisation, its admin and the operator's token; `null` when there is an organisation already. */
  firstRun(name = 'Default'): Promise<OperatorToken | null> {
    return this.first.run(name);
  }

  /**
   * Makes a new operator's token for the deployment's first organisation, in place of one that was lost or ends soon.
   *
   * @throws {Fault} `bootstrap.no_organisation` before the first run.
   */
  renewAdminToken(): Promise<OperatorToken> {
    return this.first.renewAdminToken();
  }

  /** Makes servers of the processes that the operator's file names; what went wrong with one is logged and returned. */
  async registerStdioServers(): Promise<readonly StdioOutcome[]> {
    const outcomes = await this.stdioServers.run(this.operatorFile);
    for (const { slug, problem } of outcomes) if (problem !== null) this.log.warn({ event: 'stdio.not_registered', slug }, problem);
    return outcomes;
  }
}
