import { RegroupIdentityDocument, type RegroupIdentityInput } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { collectGroup, example, withWait, type CommandKit } from '../command-kit.js';
import { enforcementPart, refusal } from '../output/answers.js';
import { fields } from '../output/table.js';
import { groupText, itemOf } from './identity-output.js';

interface RegroupFlags {
  readonly group?: readonly string[];
  readonly none?: boolean;
  readonly wait: RegroupIdentityInput['waitFor'];
}

/** `identity regroup NAME`: which groups an identity is in, for policies that ask for them. */
export function addIdentityRegroupCommand(identity: Command, kit: CommandKit): void {
  const regroup = withWait(
    identity
      .command('regroup <identity>')
      .description('say which groups an identity is in, for policies that ask; it leaves all others')
      .option('--group <name>', 'a group it is in from now on; give it once for each', collectGroup)
      .option('--none', 'it is in no group from now on'),
  );
  example(regroup, 'sallyport identity regroup ci-runner --group ops --group on-call --wait enforced', 'sallyport identity regroup ci-runner --none').action(
    kit.run(async (context, id: string, { group = [], none = false, wait }: RegroupFlags) => {
      if (none === group.length > 0) throw cliFault.usage('Give --group once for each group, or --none.');
      const { regroupIdentity: answer } = await context.admin().run(RegroupIdentityDocument, { input: { identity: id, groups: [...group], waitFor: wait } });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const item = { ...itemOf(answer.identity), revision: answer.revision };
      context.print(
        { ...item, ...enforcementPart(context, answer.enforcement) },
        fields([['identity', item.identityId], ['name', item.name], ['groups', groupText(item.groups)], ['revision', item.revision]]),
      );
    }),
  );
}
