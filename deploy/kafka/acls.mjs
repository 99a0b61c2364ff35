// Prints the commands that give one role its rights, for an administrator to look at and run:
//   node deploy/kafka/acls.mjs worker User:sallyport-worker [prefix] | sh -s
// KAFKA_ACLS is the command, with its connection: default `kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN"`.
import { readFileSync } from 'node:fs';

const { roles } = JSON.parse(readFileSync(new URL('acls.json', import.meta.url), 'utf8'));
const [role = '', principal = '', prefix = ''] = process.argv.slice(2);
const rules = roles[role];
if (rules === undefined || !/^User:[^\s'"\\]+$/.test(principal) || !/^[A-Za-z0-9._-]*$/.test(prefix)) {
  process.stderr.write(`usage: node deploy/kafka/acls.mjs ${Object.keys(roles).join('|')} User:NAME [PREFIX]\n`);
  process.exit(2);
}
const command = process.env.KAFKA_ACLS ?? 'kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN"';
for (const { resource, pattern, names, operations } of rules) {
  for (const name of names) {
    const rights = operations.map((operation) => `--operation ${operation.toLowerCase().replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase())}`);
    process.stdout.write(`${command} --add --allow-principal '${principal}' ${rights.join(' ')} --${resource} '${name.replace('{prefix}', prefix)}' --resource-pattern-type ${pattern}\n`);
  }
}
