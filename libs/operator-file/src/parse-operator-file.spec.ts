import { describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS } from './limits.js';
import { formatOperatorFileErrors } from './operator-file-error.js';
import { parseOperatorFile } from './parse-operator-file.js';

const complaintsOf = (text: string): readonly string[] => {
  const parsed = parseOperatorFile(text);
  return parsed.ok ? [] : formatOperatorFileErrors('f', parsed.refusal).split('\n');
};

describe('the operator file', () => {
  it('means the defaults when it is empty', () => {
    expect(parseOperatorFile('')).toEqual({ ok: true, value: { stdio: [], egress: { allow: [], ports: [] }, limits: DEFAULT_LIMITS, sinks: [] } });
  });

  it('names servers, opened networks, ports and limits with their units', () => {
    const text = `
stdio:
  - slug: everything
    command: npx
    args: [mcp-server-everything, stdio]
    env: { LEVEL: "3" }
    cwd: /srv
    organisation: acme
egress:
  allow: [127.0.0.0/8, { cidr: "fd00::/8", organisations: [acme] }]
  ports: [8443]
limits: { requestBytes: 2 MiB, callTimeout: 90s, heldResultBytes: 4096, streamIdle: 500ms, maxSessions: 5 }
sinks: []
`;
    expect(parseOperatorFile(text)).toMatchObject({
      ok: true,
      value: {
        stdio: [{ slug: 'everything', command: 'npx', args: ['mcp-server-everything', 'stdio'], env: { LEVEL: '3' }, cwd: '/srv', organisation: 'acme' }],
        egress: { allow: [{ cidr: '127.0.0.0/8' }, { cidr: 'fd00::/8', organisations: ['acme'] }], ports: [8443] },
        limits: { requestBytes: 2_097_152, callTimeoutMs: 90_000, heldResultBytes: 4096, streamIdleMs: 500, maxSessions: 5, resultBytes: 67_108_864 },
      },
    });
  });

  it('refuses unknown keys at every level, each with its line', () => {
    expect(complaintsOf('stdio:\n  - slug: a\n    comand: x\n    command: y\negres: {}\nlimits:\n  calltimeout: 1s\n')).toEqual([
      'f:3: "comand" is not a key of stdio[0]; keys are written exactly as in the documentation.',
      'f:5: "egres" is not a key of the file; keys are written exactly as in the documentation.',
      'f:7: "calltimeout" is not a key of limits; keys are written exactly as in the documentation.',
    ]);
  });

  it('refuses bad values with a sentence that says what is wanted', () => {
    expect(complaintsOf('stdio:\n  - slug: A b\n    command: ""\n    env:\n      PORT: 3000\n')).toEqual([
      'f:2: stdio[0].slug must be a slug: 1 to 63 lower-case letters, digits and inner hyphens.',
      'f:3: stdio[0].command must not be empty.',
      'f:5: stdio[0].env.PORT must be text; put it in quotes.',
    ]);
    expect(complaintsOf('egress:\n  allow:\n    - 10.0.0.0/33\n    - cidr: 10.0.0.0\n    - { cidr: 10.0.0.0/8, orgs: [a] }\n  ports: [0]')).toEqual([
      'f:3: egress.allow[0] is not a network; write it as 10.0.0.0/8 or fd00::/8.',
      'f:4: egress.allow[1].cidr is not a network; write it as 10.0.0.0/8 or fd00::/8.',
      'f:5: "orgs" is not a key of egress.allow[2]; keys are written exactly as in the documentation.',
      'f:6: egress.ports[0] must be a port.',
    ]);
    expect(complaintsOf('limits:\n  requestBytes: -1\n  callTimeout: 120\n  maxSessions: 1.5')).toEqual([
      'f:2: limits.requestBytes must be a size, such as 1048576 or 1 MiB.',
      'f:3: limits.callTimeout must be a time with its unit, such as 500ms, 120s or 5m.',
      'f:4: limits.maxSessions must be a whole number.',
    ]);
  });

  it('says where a required key is missing', () => {
    expect(complaintsOf('stdio:\n  - slug: a\n')).toEqual(['f:2: stdio[0].command must be text; put it in quotes.']);
  });

  it('refuses what is not a map, bad YAML, a key given twice and a slug given twice', () => {
    expect(complaintsOf('- a')).toHaveLength(1);
    expect(complaintsOf('stdio: [')[0]).toMatch(/^f:\d: .*\.$/);
    expect(complaintsOf('limits: {}\nlimits: {}')).toEqual(['f:2: Map keys must be unique.']);
    expect(complaintsOf('stdio:\n  - { slug: a, command: x }\n  - { slug: a, command: y }')).toEqual(['f:3: stdio[1].slug "a" is used twice.']);
    expect(complaintsOf('stdio:\n  - { slug: a, command: x }\n  - { slug: a, command: y, organisation: b }')).toEqual([]);
  });

  it('names local files and Kafka topics that sinks may write to', () => {
    const text = 'sinks:\n  - { kind: file, directory: /var/log/sallyport }\n  - { kind: kafka, topic: audit.acme, organisations: [acme] }\n';
    expect(parseOperatorFile(text)).toMatchObject({
      ok: true,
      value: { sinks: [{ kind: 'file', directory: '/var/log/sallyport' }, { kind: 'kafka', topic: 'audit.acme', organisations: ['acme'] }] },
    });
  });

  it('refuses sinks of other kinds, relative folders, and what a kind has not, each with its line', () => {
    expect(complaintsOf('sinks:\n  - file: /tmp/x\n  - { kind: s3, bucket: b }')).toEqual([
      'f:2: sinks[0].kind must be file, with `directory`, or kafka, with `topic`.',
      'f:3: sinks[1].kind must be file, with `directory`, or kafka, with `topic`.',
    ]);
    expect(complaintsOf('sinks:\n  - kind: file\n    directory: logs\n  - kind: file\n    directory: /var/../etc\n  - kind: kafka\n    topic: a b')).toEqual([
      'f:3: sinks[0].directory must be an absolute path without `.` and `..`, such as /var/log/sallyport.',
      'f:5: sinks[1].directory must be an absolute path without `.` and `..`, such as /var/log/sallyport.',
      'f:7: sinks[2].topic must be the name of a topic: 1 to 249 letters, digits, `.`, `_` and `-`.',
    ]);
    expect(complaintsOf('sinks:\n  - kind: kafka\n    topic: audit\n    directory: /tmp\n    organisations: []')).toEqual([
      'f:4: "directory" is not a key of sinks[0]; keys are written exactly as in the documentation.',
      'f:5: sinks[0].organisations must name an organisation.',
    ]);
  });
});
