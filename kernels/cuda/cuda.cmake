# --backend cuda: device code and its launchers in cuda/NAME/*.cu, by nvcc; or for tests by the C++ compiler, to run on the CPU.
option(CX_PRETEND_GPU "for tests: run the device code on the CPU in place of a GPU" OFF)

if(WITH_CUDA)
  set(CMAKE_CUDA_ARCHITECTURES OFF) # named below
  enable_language(CUDA)
  # A100, H100 and H200 (twice: 90a has their matrix instructions), B200; PTX of the last for those that come after.
  set(all_gpus
      -gencode=arch=compute_80,code=sm_80 -gencode=arch=compute_90,code=sm_90 -gencode=arch=compute_90a,code=sm_90a
      -gencode=arch=compute_100,code=sm_100 -gencode=arch=compute_100,code=compute_100)
  # Never -arch=sm_90a: it would add PTX of 90, which has no such instructions.
  set(only_90a -gencode=arch=compute_90a,code=sm_90a)
endif()

if(WITH_CUDA OR CX_PRETEND_GPU)
  set(CX_GPU ON)
  add_library(gpu INTERFACE)
  target_compile_definitions(gpu INTERFACE CX_CUDA)
  target_link_libraries(gpu INTERFACE ${CMAKE_DL_LIBS})
  if(WITH_CUDA)
    target_compile_definitions(gpu INTERFACE CX_NVCC="${CMAKE_CUDA_COMPILER_VERSION}")
  endif()
endif()

# Objects of device code, by nvcc. Multiply-adds are fused only where no bits are compared with those of the CPU.
function(device_objects name gpus fused)
  add_library(${name} OBJECT ${ARGN})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_features(${name} PRIVATE cxx_std_17)
  if(WITH_CUDA)
    target_compile_options(${name} PRIVATE -O3 -fmad=${fused} -Werror=all-warnings -diag-suppress=177 ${gpus})
    set_target_properties(${name} PROPERTIES CUDA_STANDARD 17)
  else()
    set_source_files_properties(${ARGN} PROPERTIES LANGUAGE CXX)
    target_compile_options(${name} PRIVATE -x c++ -O2 -ffp-contract=off)
  endif()
endfunction()

if(CX_GPU)
  if(WITH_CUDA)
    device_objects(gpu-choice "${all_gpus}" false cuda/common/gpu.cu)
  else()
    device_objects(gpu-choice "" false cuda/common/pretended.cpp)
  endif()
  device_objects(wgmma "${only_90a}" true cuda/gemm/wgmma.cu)
endif()

# Gives a program, its wrong twin, and its like for one process, their part for GPUs.
function(device name)
  set(fused false)
  if(name STREQUAL "gemm" OR name STREQUAL "attn")
    set(fused true)
  endif()
  device_objects(${name}-device "${all_gpus}" ${fused} cuda/${name}/device.cu)
  set(objects ${name}-device gpu-choice)
  if(name STREQUAL "gemm")
    list(APPEND objects wgmma)
  endif()
  foreach(program ${name} ${name}-wrong ${name}-single)
    if(TARGET ${program})
      target_link_libraries(${program} PRIVATE gpu ${objects})
    endif()
  endforeach()
endfunction()
