import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ChildService, mavenJars } from '@sallyport/services-local';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { goBinary, pythonPackages } from './cached-build.js';
import { makeCertificates } from './rsyslog/certificates.js';
import { rsyslogdBinary } from './rsyslog/rsyslogd-binary.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const START_MS = 10_000;

/** A suite that left out what it could not install would be green on a machine that tries nothing. */
describe('a machine on which a receiver cannot be had', () => {
  const before = { ...process.env };
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-bare-'));
    // No program is found, nothing was built before, and no module comes from elsewhere.
    Object.assign(process.env, { PATH: folder, XDG_CACHE_HOME: folder, GOMODCACHE: join(folder, 'modules'), GOCACHE: join(folder, 'cache'), GOPROXY: 'off', GOFLAGS: '-modcacherw' });
  });
  afterEach(() => {
    for (const name of ['PATH', 'XDG_CACHE_HOME', 'GOMODCACHE', 'GOCACHE', 'GOPROXY', 'GOFLAGS']) {
      const value = before[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('is told to install Go, for the collector and for promtool', async () => {
    await expect(goBinary(here('./collector'))).rejects.toThrow('collector cannot be had: install Go 1.26 and let it reach its module proxy once.');
    await expect(goBinary(here('./promtool'), 'github.com/prometheus/prometheus/cmd/promtool')).rejects.toThrow('promtool cannot be had: install Go 1.26');
  });

  it('is told to install Python, for the schema of OCSF', async () => {
    await expect(pythonPackages(here('./ocsf/requirements.txt'))).rejects.toThrow('ocsf cannot be had: install Python 3.10 or newer with pip and let it reach its package index once.');
  });

  it('is told to install Maven and Java, for OpenSearch', async () => {
    const pom = join(folder, 'pom.xml');
    writeFileSync(pom, `<project><!-- ${folder} --></project>`);
    await expect(mavenJars('nothing', 'install Maven and Java 17', pom)).rejects.toThrow('install Maven and Java 17');
    const service = ChildService.start('OpenSearch (Java 17 is needed)', ['java', '-version'], { cwd: folder });
    await expect(service.untilAnswering(async () => false, START_MS)).rejects.toThrow('Java 17 is needed');
  });

  it('is told to install rsyslog with its modules, and openssl', () => {
    expect(() => rsyslogdBinary([folder])).toThrow('These tests need rsyslogd: apt-get install rsyslog rsyslog-gnutls rsyslog-relp');
    expect(() => makeCertificates(folder)).toThrow('apt-get install openssl');
  });
});
