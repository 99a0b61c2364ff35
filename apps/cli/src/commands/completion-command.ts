import { Argument, type Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';

/** `completion bash|zsh|fish`: a script for the shell, made from the commands themselves. */
export function addCompletionCommand(program: Command, kit: CommandKit): void {
  const completion = program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']));
  example(completion, 'sallyport completion bash > /etc/bash_completion.d/sallyport').action(
    kit.run(async (context, shell: string) => {
      const words = wordsByPath(program);
      const script = shell === 'fish' ? fishScript(words) : shell === 'zsh' ? zshScript(words) : bashScript(words);
      context.terminal.out(script);
    }),
  );
}

/** Every command path with what may follow it: sub-commands and flags. */
function wordsByPath(command: Command, path: readonly string[] = []): ReadonlyMap<string, readonly string[]> {
  const flags = command.options.flatMap((option) => (typeof option.long === 'string' ? [option.long] : []));
  const words = new Map<string, readonly string[]>([[path.join(' '), [...command.commands.map((child) => child.name()), ...flags, '--help']]]);
  for (const child of command.commands) for (const [key, value] of wordsByPath(child, [...path, child.name()])) words.set(key, value);
  return words;
}

function bashScript(words: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...words].map(([path, next]) => `    '${path}') words='${next.join(' ')}' ;;`).join('\n');
  return `_sallyport() {
  local current path word words
  current="\${COMP_WORDS[COMP_CWORD]}"
  path=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _sallyport sallyport
`;
}

function zshScript(words: ReadonlyMap<string, readonly string[]>): string {
  return `#compdef sallyport\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}`;
}

function fishScript(words: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...words].map(([path, next]) => {
    const parts = path === '' ? [] : path.split(' ');
    const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`).join('; and ');
    return `complete -c sallyport -f -n '${seen === '' ? '__fish_use_subcommand' : seen}' -a '${next.join(' ')}'`;
  });
  return `${lines.join('\n')}\n`;
}
