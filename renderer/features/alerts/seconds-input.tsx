import { NumberInput } from '@mantine/core'

export interface SecondsInputProps {
  label: string
  description?: string
  valueMs: number
  onChange(valueMs: number): void
  /** Default: a second. */
  minMs?: number
}

/** A length of time, told in seconds. */
export function SecondsInput({ label, description, valueMs, onChange, minMs = 1_000 }: SecondsInputProps) {
  return (
    <NumberInput
      label={label}
      description={description}
      value={valueMs / 1_000}
      onChange={(value) => onChange(Math.round(Number(value) * 1_000))}
      min={minMs / 1_000}
      allowDecimal={false}
      allowNegative={false}
      suffix=" s"
      thousandSeparator=","
    />
  )
}
