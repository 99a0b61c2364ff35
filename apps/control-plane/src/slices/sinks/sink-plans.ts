import { Inject, Injectable } from '@nestjs/common';
import { isFault, ok, refuse, type Result } from '@sallyport/kernel';
import type { SinkConfiguration, SinkPlan } from '@sallyport/sinks';

import { OrganisationRow } from '../organisations/read/organisation-row.entity.js';
import type { SinkRow } from './read/sink-row.entity.js';
import { SinkCatalogue } from './sink-catalogue.js';
import { SinkOpener } from './sink-opener.js';

/** Makes of a sink's row what its exporter goes by. */
@Injectable()
export class SinkPlans {
  constructor(
    @Inject(SinkCatalogue) private readonly catalogue: SinkCatalogue,
    @Inject(SinkOpener) private readonly opener: SinkOpener,
  ) {}

  /**
   * The plan, or why there is none, in a sentence for people: the kind is gone, the operator's file allows it no more, or a credential
   * cannot be opened. The plan holds credentials in the clear: none of it is shown or logged.
   */
  of(row: SinkRow, organisation: OrganisationRow): Result<SinkPlan, string> {
    const type = this.catalogue.find(row.sinkType);
    if (type === undefined) return refuse('This version of Sallyport has no sinks of this kind.');
    const configuration = this.configurationOf(row, organisation);
    if (!configuration.ok) return configuration;
    const [problem] = this.catalogue.problems(type, configuration.value, organisation);
    if (problem !== undefined) return refuse(problem.message);
    const { network } = this.opener.toolsOf(row.sinkId, organisation);
    return ok({
      organisationId: row.organisationId,
      sinkId: row.sinkId,
      stream: row.organisationId,
      name: row.name,
      version: row.revision,
      enabled: row.confirmed !== null && row.paused === null,
      startAfter: row.afterSeq,
      // Every organisation has a way out of its own.
      type: { ...type, open: (opened, tools) => type.open(opened, { ...tools, network }) },
      configuration: configuration.value,
      filter: row.filter,
    });
  }

  private configurationOf(row: SinkRow, organisation: OrganisationRow): Result<SinkConfiguration, string> {
    try {
      return ok(this.opener.configurationOf(row, organisation));
    } catch (caught) {
      if (isFault(caught, 'secrets.cannot_open')) return refuse('A credential cannot be opened with the root key of this deployment. Give it again.');
      throw caught;
    }
  }
}
