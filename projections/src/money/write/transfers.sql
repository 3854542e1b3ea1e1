INSERT INTO transfers (id, from_id, to_id, amount, memo, requested_by, origin, origin_id,
                       origin_number, requested_us, requested_position, approvals_required,
                       expires_us, day, debited_us, returned_us, credited_us, bounced_us)
SELECT id, from_id, to_id, amount, memo, requested_by, origin, origin_id, origin_number,
       requested_us, requested_position, approvals_required, expires_us, day::date, debited_us,
       returned_us, credited_us, bounced_us
FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::uuid[],
            $7::smallint[], $8::uuid[], $9::integer[], $10::bigint[], $11::bigint[],
            $12::smallint[], $13::bigint[], $14::text[], $15::bigint[], $16::bigint[],
            $17::bigint[], $18::bigint[])
     AS new (id, from_id, to_id, amount, memo, requested_by, origin, origin_id, origin_number,
             requested_us, requested_position, approvals_required, expires_us, day, debited_us,
             returned_us, credited_us, bounced_us)
ON CONFLICT (id) DO UPDATE SET
    from_id            = coalesce(transfers.from_id, excluded.from_id),
    to_id              = coalesce(transfers.to_id, excluded.to_id),
    amount             = coalesce(transfers.amount, excluded.amount),
    memo               = coalesce(transfers.memo, excluded.memo),
    requested_by       = coalesce(transfers.requested_by, excluded.requested_by),
    origin             = coalesce(transfers.origin, excluded.origin),
    origin_id          = coalesce(transfers.origin_id, excluded.origin_id),
    origin_number      = coalesce(transfers.origin_number, excluded.origin_number),
    requested_us       = coalesce(transfers.requested_us, excluded.requested_us),
    requested_position = coalesce(transfers.requested_position, excluded.requested_position),
    approvals_required = coalesce(transfers.approvals_required, excluded.approvals_required),
    expires_us         = coalesce(transfers.expires_us, excluded.expires_us),
    day                = coalesce(transfers.day, excluded.day),
    debited_us         = coalesce(transfers.debited_us, excluded.debited_us),
    returned_us        = coalesce(transfers.returned_us, excluded.returned_us),
    credited_us        = coalesce(transfers.credited_us, excluded.credited_us),
    bounced_us         = coalesce(transfers.bounced_us, excluded.bounced_us)
