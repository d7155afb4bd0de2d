export function judgeImports(file: string, text: string): string[]
export function judgeTree(): string[]
