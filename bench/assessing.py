"""What `load` fills in of independence: assessments over two years with their scores, by SQL alone."""

PART = 25_000  # families in one statement
OVER = 637  # days from a family's first assessment to its last
# Number a of a family's assessments, 0 the first; every fourth is on the full form. Levels rise slowly.
ASSESSMENTS = """WITH source AS MATERIALIZED (
        SELECT k, a, family.id AS household_id, pendamping_id, wilayah_id, day, a % 4 = 0 AS is_full,
            (ARRAY['usaha', 'kerja', 'perlindungan'])[1 + k % 3] AS path,
            uuidv7(day - now()::timestamp) AS id, uuidv7(day - now()::timestamp) AS op_id
        FROM bench.family, generate_series(0, {times} - 1) a,
            LATERAL (SELECT CURRENT_DATE - 1 - (({times} - 1 - a) * {apart} + k % 60)::int AS day) calendar
        WHERE k >= {start} AND k < {stop}
    ), assessment AS (
        INSERT INTO kpm_assessment (id, op_id, household_id, wilayah_id, pendamping_id, instrument_id, form, path,
            assessed_on, notes, rule_id, mean, lowest, lacking, is_ready, received_at, compared, steps)
        SELECT id, op_id, household_id, wilayah_id, pendamping_id, 1,
            CASE WHEN is_full THEN 'lengkap' ELSE 'singkat' END, path, day, '', 1, 2.40, 1, 3 + k % 9, false,
            day + interval '10 hours', CASE WHEN a > 0 THEN 10 ELSE 0 END, CASE WHEN a > 0 THEN 1 + (k + a) % 6 - 3 END
        FROM source
    )
    INSERT INTO kpm_score (assessment_id, household_id, wilayah_id, indicator_id, code, state, family_level, level,
        note, reason, assessed_on, until_on)
    SELECT source.id, household_id, wilayah_id, indicator.key, code, 'dijawab', level, level, '', '', day,
        lead(day) OVER (PARTITION BY household_id, code ORDER BY day)
    FROM source
    JOIN kpm_indicator indicator
        ON path = ANY (string_to_array(CASE WHEN is_full THEN full_paths ELSE short_paths END, ' ')),
        LATERAL (SELECT least(4, greatest(1, round(
            1 + 2.0 * (hashint8(k * 64 + position) & 1023) / 1023 + 0.7 * a / ({times} - 1)
            + 0.8 * ((hashint8(k * 4096 + position * 16 + a) & 1023) / 1023.0 - 0.5)
        )))::int AS level) answer
    ORDER BY a, k, position"""


def assessing(families, times):
    """(text, values) of the statements that assess each of `families` families `times` times, twice at least."""
    return [
        (ASSESSMENTS, {"times": times, "apart": OVER // (times - 1), "start": start, "stop": start + PART})
        for start in range(0, families, PART)
    ]
