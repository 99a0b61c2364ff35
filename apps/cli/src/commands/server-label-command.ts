import { LabelToolDocument, type LabelToolInput, type ToolCategory, type ToolRisk } from '@sallyport/graphql-contract';
import { Option, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, withWait, type CommandKit } from '../command-kit.js';
import { enforcementPart, refusal } from '../output/answers.js';
import { fields } from '../output/table.js';

/** As `TOOL_CATEGORIES` and `TOOL_RISKS` of the policy language; `none` takes a label away. */
const CATEGORIES = ['Read', 'Write', 'Execute', 'Destructive', 'Financial', 'none'] as const satisfies readonly (ToolCategory | 'none')[];
const RISKS = ['Low', 'Medium', 'High', 'Critical', 'none'] as const satisfies readonly (ToolRisk | 'none')[];

interface LabelFlags {
  readonly category?: ToolCategory | 'none';
  readonly risk?: ToolRisk | 'none';
  readonly wait: LabelToolInput['waitFor'];
}

/** `server label SLUG TOOL`: what policies select tools by. */
export function addServerLabelCommand(server: Command, kit: CommandKit): void {
  const label = withWait(
    server
      .command('label <server> <tool>')
      .description('say what a tool does and how much harm it can do, for policies that select by it')
      .addOption(new Option('--category <category>', 'what it does; none takes the label away').choices(CATEGORIES))
      .addOption(new Option('--risk <risk>', 'how much harm it can do; none takes the label away').choices(RISKS)),
  );
  example(label, 'sallyport server label payments create_refund --category Financial --risk High').action(
    kit.run(async (context, id: string, tool: string, { category, risk, wait }: LabelFlags) => {
      if (category === undefined && risk === undefined) throw cliFault.usage('Give --category, --risk or both.');
      const labels = { ...(category === undefined ? {} : { category: labelOf(category) }), ...(risk === undefined ? {} : { risk: labelOf(risk) }) };
      const { labelTool: answer } = await context.admin().run(LabelToolDocument, { input: { server: id, tool, ...labels, waitFor: wait } });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const labelled = answer.server.tools.find(({ name }) => name === tool);
      const item = { serverId: answer.server.id, slug: answer.server.slug, tool, category: labelled?.category ?? null, risk: labelled?.risk ?? null, revision: answer.revision };
      context.print(
        { ...item, ...enforcementPart(context, answer.enforcement) },
        fields([['server', item.slug], ['tool', tool], ['category', item.category], ['risk', item.risk], ['revision', item.revision]]),
      );
    }),
  );
}

function labelOf<Label extends string>(given: Label | 'none'): Label | null {
  return given === 'none' ? null : given;
}
