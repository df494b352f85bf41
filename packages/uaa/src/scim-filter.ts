/**
 * A SCIM filter that holds where an attribute equals a value.
 *
 * The value becomes a quoted JSON string, as the grammar wants it. Single quotes are written as escapes: UAA reads a
 * filter that it cannot parse a second time with those turned into double quotes.
 *
 * @param attribute Part of the program, never outside text.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2.2 | RFC 7644 section 3.4.2.2}
 */
export const equals = (attribute: string, value: string): string =>
  `${attribute} eq ${JSON.stringify(value).replaceAll("'", '\\u0027')}`
