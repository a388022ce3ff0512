/** A labelled input with its hint and its fault. What was typed stays, whatever happens. */
import { type ReactNode, useId } from "react"

type FieldProps = {
  readonly label: string
  readonly hint?: ReactNode
  readonly fault?: string | null
  readonly children: (ids: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ReactNode
}

export function Field({ label, hint, fault = null, children }: FieldProps) {
  const id = useId()
  const about = `${id}-about`
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": about, "aria-invalid": fault !== null })}
      <small id={about} className={fault === null ? "" : "fault"} role={fault === null ? undefined : "alert"}>
        {fault ?? hint}
      </small>
    </div>
  )
}
