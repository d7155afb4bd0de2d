export function compileBatchCheck(): Promise<string>
