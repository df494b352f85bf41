/** A fenced block of a Markdown file. */
export interface Block {
  /** What stands after the opening fence: `ts`, `bash`, or nothing. */
  readonly language: string
  readonly code: string
  /** The line of the opening fence, from 1. */
  readonly line: number
  /** Why it is not run, when the line before it says so: `<!-- not run: it needs a Docker daemon -->`. */
  readonly notRun?: string
}

/** Every fenced block of a text, in order. */
export function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const fence = /^(`{3,})\s*(\w*)/.exec(lines[at] ?? '')
    if (!fence) continue
    const [, ticks = '', language = ''] = fence
    const end = lines.findIndex((line, index) => index > at && line.startsWith(ticks))
    if (end < 0) throw new Error(`the block that opens on line ${at + 1} never ends`)
    const reason = /^<!-- not run: (.+) -->$/.exec(lines[at - 1] ?? '')?.[1]
    const block = { language, code: lines.slice(at + 1, end).join('\n'), line: at + 1 }
    blocks.push(reason === undefined ? block : { ...block, notRun: reason })
    at = end
  }
  return blocks
}

/** Targets of the links to files of the repository, without their fragments. */
export const localLinksOf = (markdown: string): readonly string[] =>
  [...markdown.replace(/^(`{3,})[\s\S]*?^\1/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]?.replace(/#.*/, '') ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
