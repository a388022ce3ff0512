/** One of several, each with a sentence of what it means: for choices that a list of words would not explain. */

export type Option<Word extends string> = {
  readonly word: Word
  readonly title: string
  readonly says: string
  readonly isOffered?: boolean
}

type OptionsProps<Word extends string> = {
  readonly legend: string
  readonly value: Word
  readonly options: readonly Option<Word>[]
  readonly onChange: (word: Word) => void
}

export function Options<Word extends string>({ legend, value, options, onChange }: OptionsProps<Word>) {
  return (
    <fieldset className="stack tight">
      <legend>{legend}</legend>
      {options.map(({ word, title, says, isOffered = true }) => (
        <label key={word} className="check">
          <input
            type="radio"
            name={legend}
            checked={value === word}
            disabled={!isOffered}
            onChange={() => onChange(word)}
          />
          <span>
            {title}
            <br />
            <small className="muted">{says}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
