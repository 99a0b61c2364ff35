import { createServer } from 'node:http';

import { parseOperatorFile } from '@sallyport/operator-file';
import { AesSecretBox, HmacKeyedHashes, RootKey } from '@sallyport/secrets-aes';
import { openAuditKeys } from '@sallyport/signatures-ed25519';
import { pino } from 'pino';

import { buildControlPlane } from '../build-control-plane.js';
import type { CommonParts, ControlPlane } from '../control-plane.js';
import { FileHeadMemory } from '../slices/audit/sign/file-head-memory.js';
import type { TestControlPlane } from './a-control-plane.js';
import { QuietBoard } from './quiet-board.js';

/** Another control plane on the database, the keys and the root key of the first, which nobody can reach. It has to be closed. */
export async function aSecondPlane(world: TestControlPlane, change: Partial<CommonParts>): Promise<ControlPlane> {
  const root = RootKey.parse('ab'.repeat(32));
  const operatorFile = parseOperatorFile('');
  if (!operatorFile.ok) throw new Error('an empty operator file is refused');
  return buildControlPlane({
    databaseUrl: world.database.url,
    secretBox: new AesSecretBox(root),
    hashes: new HmacKeyedHashes(root),
    auditSigning: { keys: openAuditKeys(world.dataFolder), heads: new FileHeadMemory(world.dataFolder) },
    operatorFile: operatorFile.value,
    board: new QuietBoard(),
    clock: world.clock,
    log: pino({ level: 'silent' }),
    server: createServer(),
    explorer: false,
    gatewayUrl: 'http://127.0.0.1:7400',
    inspect: async () => ({ ok: false, refusal: { code: 'not_started', message: 'no upstream in this test' } }),
    ...change,
  });
}
