// A process whose stdin and stdout are those of a fixture that lives in the test: `stdio-bridge.mjs PORT`. Ends with its stdin or its fixture.
import { connect } from 'node:net';

const socket = connect(Number(process.argv[2]), '127.0.0.1');
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(0));
process.stdin.on('end', () => process.exit(0));
process.stdin.pipe(socket);
socket.pipe(process.stdout);
