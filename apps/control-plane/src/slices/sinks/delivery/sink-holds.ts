import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { CursorHolds } from '../../audit/retention/cursor-holds.js';
import { lowestCursor } from './delivery-rows.js';

/** Keeps audit events from being removed before every sink has them. */
@Injectable()
export class SinkHolds implements OnModuleInit {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(CursorHolds) private readonly holds: CursorHolds,
  ) {}

  onModuleInit(): void {
    this.holds.add((organisationId) => this.reader.read(organisationId, (rows) => lowestCursor(rows, organisationId)));
  }
}
