;; A linear layer whose weights are signed bytes: y = x W^T * scales + bias, in 128-bit vectors.
;;
;; Four rows of x are done at a time, so that every weight is widened to a float once for four products. So x and y must
;; have room for a multiple of four rows; what the rows beyond `rows` hold is of no matter.
;; matmul.mjs has the same function in JavaScript. Built by `make wasm`.
(module
  (import "cxkb" "memory" (memory 1))

  (func $sum (param $v v128) (result f32)
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
      (f32.add (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))

  ;; All but the counts are addresses in bytes.
  (func (export "linear")
    (param $x i32)        ;; (rows, width) float32
    (param $rows i32)
    (param $width i32)    ;; a multiple of eight
    (param $weights i32)  ;; (height, width) int8
    (param $scales i32)   ;; (height) float32
    (param $bias i32)     ;; (height) float32
    (param $height i32)
    (param $y i32)        ;; (rows, height) float32
    (local $x_stride i32) (local $y_stride i32)
    (local $n i32) (local $row i32) (local $weight i32) (local $end i32)
    (local $x0 i32) (local $x1 i32) (local $x2 i32) (local $x3 i32)
    (local $y0 i32) (local $y1 i32) (local $y2 i32) (local $y3 i32)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local $eight v128) (local $low v128) (local $high v128)
    (local $scale f32) (local $shift f32)

    (local.set $x_stride (i32.shl (local.get $width) (i32.const 2)))
    (local.set $y_stride (i32.shl (local.get $height) (i32.const 2)))

    (loop $each_output
      (local.set $scale (f32.load (i32.add (local.get $scales) (i32.shl (local.get $n) (i32.const 2)))))
      (local.set $shift (f32.load (i32.add (local.get $bias) (i32.shl (local.get $n) (i32.const 2)))))
      (local.set $row (i32.const 0))
      (loop $each_four_rows
        (local.set $x0 (i32.add (local.get $x) (i32.mul (local.get $row) (local.get $x_stride))))
        (local.set $x1 (i32.add (local.get $x0) (local.get $x_stride)))
        (local.set $x2 (i32.add (local.get $x1) (local.get $x_stride)))
        (local.set $x3 (i32.add (local.get $x2) (local.get $x_stride)))
        (local.set $sum0 (v128.const f32x4 0 0 0 0))
        (local.set $sum1 (v128.const f32x4 0 0 0 0))
        (local.set $sum2 (v128.const f32x4 0 0 0 0))
        (local.set $sum3 (v128.const f32x4 0 0 0 0))
        (local.set $weight (i32.add (local.get $weights) (i32.mul (local.get $n) (local.get $width))))
        (local.set $end (i32.add (local.get $weight) (local.get $width)))
        (loop $each_eight_weights
          (local.set $eight (v128.load8x8_s (local.get $weight)))
          (local.set $low (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $eight))))
          (local.set $high (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $eight))))
          (local.set $sum0 (f32x4.add (local.get $sum0) (f32x4.add
            (f32x4.mul (local.get $low) (v128.load (local.get $x0)))
            (f32x4.mul (local.get $high) (v128.load offset=16 (local.get $x0))))))
          (local.set $sum1 (f32x4.add (local.get $sum1) (f32x4.add
            (f32x4.mul (local.get $low) (v128.load (local.get $x1)))
            (f32x4.mul (local.get $high) (v128.load offset=16 (local.get $x1))))))
          (local.set $sum2 (f32x4.add (local.get $sum2) (f32x4.add
            (f32x4.mul (local.get $low) (v128.load (local.get $x2)))
            (f32x4.mul (local.get $high) (v128.load offset=16 (local.get $x2))))))
          (local.set $sum3 (f32x4.add (local.get $sum3) (f32x4.add
            (f32x4.mul (local.get $low) (v128.load (local.get $x3)))
            (f32x4.mul (local.get $high) (v128.load offset=16 (local.get $x3))))))
          (local.set $x0 (i32.add (local.get $x0) (i32.const 32)))
          (local.set $x1 (i32.add (local.get $x1) (i32.const 32)))
          (local.set $x2 (i32.add (local.get $x2) (i32.const 32)))
          (local.set $x3 (i32.add (local.get $x3) (i32.const 32)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
          (br_if $each_eight_weights (i32.lt_u (local.get $weight) (local.get $end))))
        (local.set $y0 (i32.add (i32.add (local.get $y) (i32.shl (local.get $n) (i32.const 2)))
                                (i32.mul (local.get $row) (local.get $y_stride))))
        (local.set $y1 (i32.add (local.get $y0) (local.get $y_stride)))
        (local.set $y2 (i32.add (local.get $y1) (local.get $y_stride)))
        (local.set $y3 (i32.add (local.get $y2) (local.get $y_stride)))
        (f32.store (local.get $y0)
          (f32.add (f32.mul (call $sum (local.get $sum0)) (local.get $scale)) (local.get $shift)))
        (f32.store (local.get $y1)
          (f32.add (f32.mul (call $sum (local.get $sum1)) (local.get $scale)) (local.get $shift)))
        (f32.store (local.get $y2)
          (f32.add (f32.mul (call $sum (local.get $sum2)) (local.get $scale)) (local.get $shift)))
        (f32.store (local.get $y3)
          (f32.add (f32.mul (call $sum (local.get $sum3)) (local.get $scale)) (local.get $shift)))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (br_if $each_four_rows (i32.lt_u (local.get $row) (local.get $rows))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $each_output (i32.lt_u (local.get $n) (local.get $height))))))
