/** All rules that are watched over, in the order in which they are told. */
import { I_01 } from "./i-01.ts"
import { I_02 } from "./i-02.ts"
import { I_03 } from "./i-03.ts"
import { I_04 } from "./i-04.ts"
import { I_05 } from "./i-05.ts"
import { I_06 } from "./i-06.ts"
import { I_07 } from "./i-07.ts"
import { I_08 } from "./i-08.ts"
import { I_09 } from "./i-09.ts"
import { I_10 } from "./i-10.ts"
import { I_11 } from "./i-11.ts"
import { I_12 } from "./i-12.ts"
import { I_13 } from "./i-13.ts"
import { I_14 } from "./i-14.ts"
import { I_15 } from "./i-15.ts"
import { I_16 } from "./i-16.ts"
import { I_17 } from "./i-17.ts"
import { I_18 } from "./i-18.ts"
import { I_19 } from "./i-19.ts"
import { I_20 } from "./i-20.ts"
import { I_21 } from "./i-21.ts"
import { I_22 } from "./i-22.ts"
import { I_23 } from "./i-23.ts"
import { I_24 } from "./i-24.ts"
import { I_25 } from "./i-25.ts"
import { I_26 } from "./i-26.ts"
import { I_27 } from "./i-27.ts"
import { I_28 } from "./i-28.ts"
import { I_29 } from "./i-29.ts"
import { I_30 } from "./i-30.ts"
import { I_31 } from "./i-31.ts"
import { I_32 } from "./i-32.ts"
import { I_33 } from "./i-33.ts"
import { I_34 } from "./i-34.ts"
import { I_38 } from "./i-38.ts"
import { I_39 } from "./i-39.ts"
import { I_40 } from "./i-40.ts"
import { I_41 } from "./i-41.ts"
import { I_42 } from "./i-42.ts"
import { L_01 } from "./l-01.ts"
import { L_02 } from "./l-02.ts"
import { L_03 } from "./l-03.ts"
import { L_04 } from "./l-04.ts"
import { L_05 } from "./l-05.ts"
import { L_07 } from "./l-07.ts"
import { L_08 } from "./l-08.ts"
import { L_09 } from "./l-09.ts"
import { L_10 } from "./l-10.ts"
import type { Rule } from "./rule.ts"

export const RULES: readonly Rule[] = [
  I_01,
  I_02,
  I_03,
  I_04,
  I_05,
  I_06,
  I_07,
  I_08,
  I_09,
  I_10,
  I_11,
  I_12,
  I_13,
  I_14,
  I_15,
  I_16,
  I_17,
  I_18,
  I_19,
  I_20,
  I_21,
  I_22,
  I_23,
  I_24,
  I_25,
  I_26,
  I_27,
  I_28,
  I_29,
  I_30,
  I_31,
  I_32,
  I_33,
  I_34,
  I_38,
  I_39,
  I_40,
  I_41,
  I_42,
  L_01,
  L_02,
  L_03,
  L_04,
  L_05,
  L_07,
  L_08,
  L_09,
  L_10,
]
